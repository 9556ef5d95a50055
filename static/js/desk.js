// Accessible names (ARIA) for widgets that the stock admin's scripts create without one.
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
  for (const search of document.querySelectorAll(".select2-search__field")) search.setAttribute("aria-label", "検索する語句");
  for (const input of document.querySelectorAll(".datetime input")) {
    const field = input.closest("fieldset")?.querySelector("legend")?.textContent ?? labelOf(input.id)?.textContent ?? "";
    const part = input.previousSibling?.textContent ?? "";
    input.setAttribute("aria-label", `${field} ${part}`.replaceAll(/[:：\s]+/g, " ").trim());
  }
  for (const table of document.querySelectorAll(".inline-related table")) nameCells(table);
  for (const icon of document.querySelectorAll("span.search-label-icon[aria-label]")) icon.setAttribute("role", "img");
}

// Label each field of an inline table by its column and row.
function nameCells(table) {
  const heads = [...table.querySelectorAll("thead th")];
  for (const [place, words] of [[heads[0], "行"], [heads.at(-1), "操作"]]) {
    if (place.textContent.trim()) continue;
    const hidden = document.createElement("span");
    hidden.className = "visually-hidden";
    hidden.textContent = words;
    place.replaceChildren(hidden);
  }
  for (const row of table.querySelectorAll("tbody tr.form-row")) {
    const name = row.querySelector("td.original p")?.firstChild?.textContent.trim() || "新しい行";
    for (const [column, cell] of [...row.cells].entries()) {
      for (const field of cell.querySelectorAll("input:not([type=hidden]), select, textarea")) {
        field.setAttribute("aria-label", `${heads[column].textContent.trim()}（${name}）`);
      }
    }
  }
}

nameFields();
new MutationObserver(nameFields).observe(document.body, {childList: true, subtree: true});
