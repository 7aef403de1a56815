"use strict";
// Shows only the intents of the vertical chosen; without this script the groups are all there.
addEventListener("DOMContentLoaded", () => {
  const vertical = document.getElementById("id_vertical");
  const intent = document.getElementById("id_intent");
  if (!vertical || !intent) return;
  const show = () => {
    for (const option of intent.options) {
      const isOther = Boolean(option.dataset.vertical) && option.dataset.vertical !== vertical.value;
      option.disabled = option.hidden = isOther;
      if (isOther && option.selected) intent.value = "";
    }
    for (const group of intent.querySelectorAll("optgroup")) {
      group.hidden = [...group.children].every((option) => option.hidden);
    }
  };
  vertical.addEventListener("change", show);
  show();
});
