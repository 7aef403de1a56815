// Tells the server the browser's time zone, in which it then shows times.
const secure = location.protocol === "https:" ? "; Secure" : "";
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
document.cookie = `time_zone=${zone}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
