/* Copies a value on request, shows what a preset says of each policy column, and fetches what takes long to count. */
"use strict";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-scim-copy]");
  if (!button) {
    return;
  }
  const field = document.getElementById(button.dataset.scimCopy);
  field.focus();
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    // Without a secure context there is no clipboard; the older command copies the selection.
    document.execCommand("copy");
  }
  const label = button.textContent;
  button.textContent = button.dataset.scimCopied;
  setTimeout(() => {
    button.textContent = label;
  }, 2000);
});

document.querySelectorAll("form[data-scim-presets]").forEach((form) => {
  const presets = JSON.parse(form.dataset.scimPresets);
  const plain = new Map();
  const show = () => {
    for (const [column, label] of Object.entries(presets[form.elements.preset.value] || {})) {
      const field = form.elements[column];
      if (field.options) {
        const empty = field.options[0];
        plain.set(column, plain.get(column) || empty.textContent);
        empty.textContent = `${plain.get(column)}: ${label}`;
      } else {
        field.placeholder = label;
      }
    }
  };
  form.elements.preset.addEventListener("change", show);
  show();
});

// A second click on a slow line must not send a form twice; the server refuses it as well.
document.addEventListener("submit", (event) => {
  const form = event.target.closest(".scim-page form[method=post]");
  if (form) {
    form.querySelectorAll("button[type=submit]").forEach((button) => {
      button.setAttribute("aria-disabled", "true");
    });
    if (form.dataset.scimSent) {
      event.preventDefault();
    }
    form.dataset.scimSent = "yes";
  }
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll(".scim-page form[data-scim-sent]").forEach((form) => {
    delete form.dataset.scimSent;
  });
});

document.querySelectorAll("[data-scim-fetch]").forEach(async (part) => {
  try {
    const answer = await fetch(part.dataset.scimFetch, { cache: "no-store" });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
    if (fresh) {
      part.replaceChildren(...fresh.childNodes);
    }
  } catch {
    // The line was down; the link is still there.
  }
});
