// Before the first paint: how wide the navigation was left, and how close rows lie.
if (localStorage.getItem("cs-rail")) document.documentElement.dataset.rail = "narrow";
document.documentElement.dataset.density = localStorage.getItem("cs-density") ?? "compact";
// What was typed into the log-in, and where to go on, outlive a refusal even if it is sent before the page is alive.
// The password does not.
addEventListener("submit", ({ target }) => {
  if (target.id !== "log-in") return;
  const { email, next } = target;
  next.value = new URLSearchParams(location.search).get("next") ?? next.value;
  sessionStorage.setItem("cs-login", JSON.stringify([email.value, next.value]));
});
