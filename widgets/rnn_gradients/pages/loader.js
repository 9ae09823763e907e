// A page's first script: it unpacks the rest, whose length and checksum gzip holds, and shows it. Where it can't,
// it says why in the figures' places. It is in the JavaScript of 2018, for an older browser to say so too.
document.addEventListener("DOMContentLoaded", async () => {
  /** @param {string} sentence @param {unknown} [error] */
  const say = (sentence, error) => {
    const waiting = [...document.querySelectorAll(".waiting")];
    for (const place of waiting.length ? waiting : [document.body.appendChild(document.createElement("p"))]) {
      place.textContent = sentence;
      place.className = "lookup-failure";
      place.setAttribute("role", "alert");
    }
    if (error) console.error(error);
  };
  if (!window.DecompressionStream || ![].toSorted)
    return say(
      "This browser is too old for the figures of this page, or the page is damaged. " +
        "Open it in a browser of 2024 or later, or download it again.",
    );
  /** @type {any} */
  let page;
  try {
    const letters = atob(/** @type {HTMLElement} */ (document.getElementById("page")).textContent);
    const bytes = new Uint8Array(letters.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i);
    const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    page = JSON.parse(await new Response(unpacked).text());
    const waiting = [...document.querySelectorAll(".waiting")].map(({ parentElement }) => parentElement?.id ?? "");
    const isWhole = Object.keys(page.places).every((id) => document.getElementById(id));
    if (!isWhole || !waiting.every((id) => id in page.places)) throw new Error("a place is missing");
  } catch (error) {
    return say(
      "This page is damaged: a part of it is missing, or has changed on its way. " +
        "Download it again, or ask whoever sent it for a new copy.",
      error,
    );
  }
  try {
    const source = new Blob([page.manager], { type: "text/javascript" });
    await (await import(URL.createObjectURL(source))).show(page);
  } catch (error) {
    say(
      "The figures of this page can't be drawn: it is damaged, or where it is kept no script of its own may run. " +
        "Download it again, and open it from a folder.",
      error,
    );
  }
});
