/* Keeps an open setup guide up to date: asks every few seconds whether anything has changed, and fetches it then. */
"use strict";

document.querySelectorAll("[data-scim-poll]").forEach((guide) => {
  const every = 3000;
  const refresh = async () => {
    const answer = await fetch(window.location.href, { cache: "no-store" });
    if (!answer.ok) {
      return;
    }
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const focused = document.activeElement && document.activeElement.id;
    guide.querySelectorAll("[data-scim-live]").forEach((part) => {
      const newer = fresh.getElementById(part.id);
      if (newer && newer.innerHTML !== part.innerHTML) {
        part.replaceChildren(...newer.childNodes);
      }
    });
    guide.dataset.scimVersion = fresh.querySelector("[data-scim-poll]").dataset.scimVersion;
    const again = focused && document.getElementById(focused);
    if (again && again !== document.activeElement) {
      again.focus({ preventScroll: true });
    }
  };
  const look = async () => {
    if (!document.hidden) {
      try {
        const answer = await fetch(guide.dataset.scimPoll, { cache: "no-store" });
        if (answer.status === 404) {
          // The link was revoked, or the connection is gone: what is shown here should be as well.
          window.location.reload();
          return;
        }
        const status = await answer.json();
        if (status.version !== guide.dataset.scimVersion) {
          await refresh();
        }
      } catch {
        // The line was down, or the login has ended; the next look may find it better.
      }
    }
    setTimeout(look, every);
  };
  setTimeout(look, every);
});
