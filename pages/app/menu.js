// On a narrow screen the menu lies over the page: it goes away when a page is chosen from it.

const NARROW = "(max-width: 768px)"; // from here on Streamlit lays the menu beside the page
const LINKS = "[data-testid=stSidebarNavLink], [data-testid=stPageLink-NavLink]";

function onClick({ target }) {
  const link = target.closest?.(LINKS);
  const menu = link?.closest("[data-testid=stSidebar]");
  if (!menu || !matchMedia(NARROW).matches) return;
  // After Streamlit has heard the click: a link that is gone leads nowhere.
  setTimeout(() => menu.querySelector("[data-testid=stSidebarCollapseButton] button")?.click());
}

export default function () {
  document.addEventListener("click", onClick);
  return () => document.removeEventListener("click", onClick);
}
