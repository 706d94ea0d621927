// Sets the forced theme before the first paint. A separate file, because the policy of the page forbids inline scripts.
const forced = localStorage.getItem('anthology-theme')
if (forced === 'light' || forced === 'dark') document.documentElement.dataset.theme = forced
