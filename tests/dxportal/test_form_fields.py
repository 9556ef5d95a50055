"""Form fields parse typed input, and display values that parse to themselves."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from dxportal.form_fields import AmountField
from dxportal.money_and_years import money

pytestmark = pytest.mark.on_no_database

AMOUNTS = st.integers(min_value=0, max_value=10**15)


class TestAmountsThatPeopleType:
    @pytest.mark.parametrize(
        "typed",
        [
            "45586",
            "45,586",
            "４５５８６",
            "４５，５８６",
            "45,586千円",
            "４５，５８６千円",
            " 45,586 ",
            "45,586 千円",
            "45,586千円 ",
            "\u300045,586\u3000千円\u3000",
        ],
    )
    def test_one_amount_however_it_is_typed(self, typed: str) -> None:
        assert AmountField().clean(typed) == 45_586

    @given(AMOUNTS)
    def test_what_pages_write_can_be_typed(self, amount: int) -> None:
        assert AmountField().clean(money(amount)) == AmountField().clean(f"{amount:,}") == amount

    @pytest.mark.parametrize("typed", ["", " ", "\u3000"])
    def test_nothing_typed_is_nothing_asked(self, typed: str) -> None:
        assert AmountField(required=False).clean(typed) is None

    @pytest.mark.parametrize(
        "typed",
        [
            *("1.5", "１．５", "0.1千円", "1/2", "--5", "△", "(5", "1e9", "1E9", "1e1000000", "TRUE", "nan", "inf"),
            *(
                "45 586",
                "0045586",
                "1,23",
                "45586①",
                "500 1",
                "45,586円",
                "千円",
                ",",
                "，",
                "千円千円",
                "5千円千円",
                "千円5",
                "二十",
                "0x10",
                "#",
                "\0",
                "5\0",
            ),
            *("9" * 5000, str(10**16), str(10**15 + 1)),
        ],
    )
    def test_what_is_no_amount_is_refused_with_a_sentence(self, typed: str) -> None:
        with pytest.raises(ValidationError) as refused:
            AmountField(required=False).clean(typed)
        assert all(str(message).endswith("。") for message in refused.value.messages)

    def test_the_limits_are_amounts(self) -> None:
        assert AmountField().clean("0") == 0
        assert AmountField().clean(str(10**15)) == 10**15

    @given(AMOUNTS)
    def test_what_a_form_shows_is_what_is_stored(self, amount: int) -> None:
        shown = AmountField().prepare_value(amount)
        assert shown == f"{amount:,}"
        assert not AmountField().has_changed(amount, shown)
