"""Pages below the home page, each of about as many kilobytes as an argument says, as an editor would write them."""

import sys

sys.path.insert(0, ".")

import django

django.setup()

from home.models import HomePage  # noqa: E402  # after setup
from wagtail.models import Site  # noqa: E402

FRAME = 1_200  # bytes of a page without its body
PARAGRAPH = (
    "<h2>地域のデジタル化を進める</h2>"
    "<p>県民の暮らしと産業を支えるため、市町や企業と連携し、<b>データの活用</b>と<i>人材の育成</i>に取り組みます。"
    '詳しくは<a linktype="page" id="{home}">計画のページ</a>をご覧ください。</p>'
    "<ul><li>行政手続のオンライン化</li><li>中小企業の生産性の向上</li></ul>"
)

home = Site.objects.get(is_default_site=True).root_page
once = PARAGRAPH.format(home=home.pk)
for kilobytes in map(int, sys.argv[1:]):
    times = max(1, round((kilobytes * 1024 - FRAME) / len(once.encode())))
    home.add_child(instance=HomePage(title=f"{kilobytes} KB", slug=f"page-{kilobytes}", body=once * times))
