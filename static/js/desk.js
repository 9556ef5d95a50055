// Names for what the scripts of the stock admin build without: a screen reader says them.
"use strict";

function labelOf(id) {
  const label = document.querySelector(`label[for="${CSS.escape(id)}"]`);
  if (label) label.id ||= `${id}_label`;
  return label;
}

function nameFields() {
  for (const select of document.querySelectorAll("select.admin-autocomplete.select2-hidden-accessible")) {
    const label = labelOf(select.id);
    const box = select.nextElementSibling;
    if (!label || !box) continue;
    const value = box.querySelector("[role=textbox]");
    value?.setAttribute("aria-labelledby", label.id);
    const field = box.querySelector("[role=combobox]");
    field?.setAttribute("aria-labelledby", `${label.id} ${value?.id ?? ""}`.trim());
    field?.setAttribute("aria-controls", `select2-${select.id}-results`);
  }
  for (const list of document.querySelectorAll("body > .select2-container--open")) {
    list.setAttribute("role", "region");
    list.setAttribute("aria-label", "候補");
  }
  for (const search of document.querySelectorAll(".select2-search__field")) search.setAttribute("aria-label", "探す語句");
  for (const input of document.querySelectorAll(".datetime input")) {
    const field = input.closest("fieldset")?.querySelector("legend")?.textContent ?? labelOf(input.id)?.textContent ?? "";
    const part = input.previousSibling?.textContent ?? "";
    input.setAttribute("aria-label", `${field} ${part}`.replaceAll(/[:：\s]+/g, " ").trim());
  }
  for (const icon of document.querySelectorAll("span.search-label-icon[aria-label]")) icon.setAttribute("role", "img");
}

nameFields();
new MutationObserver(nameFields).observe(document.body, {childList: true, subtree: true});
