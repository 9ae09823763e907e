// What many figures share: found by its model's id, and unpacked once a page.

/** @import { FigureTraits, Model } from "./types.js" */
import { text } from "./table.js";

// Find the model that a trait refers to, and unpack its content once a page, for all views of all figures.
/**
 * @template T
 * @param {Model<FigureTraits>} model
 * @param {"_plotly" | "_table"} trait
 * @param {(content: any) => Promise<T>} unpack
 * @returns {Promise<T>}
 */
export async function shared(model, trait, unpack) {
  const other = await model.widget_manager.get_model(model.get(trait).replace("IPY_MODEL_", ""));
  other.lookup_unpacked ??= unpack(other.get("content"));
  other.lookup_unpacked.catch(() => delete other.lookup_unpacked);
  return other.lookup_unpacked;
}

// Plotly comes with the widget; a site has it in a file that all its pages share.
/** @param {{ js?: BufferSource, src: string }} content @returns {Promise<typeof import("plotly.js")>} */
export async function plotly({ js, src }) {
  return evaluate(await (js ? text(js) : load(src)));
}

// A page in a folder may run a file but not read it: so the file is a script that hands over gzip as base64.
/** @param {string} src */
async function load(src) {
  const script = Object.assign(document.createElement("script"), { src });
  await new Promise((done, fail) => {
    script.onload = done;
    script.onerror = () => fail(new Error(`${src} is not there. Check the connection, and load the page again.`));
    document.head.append(script);
  });
  try {
    const given = /** @type {any} */ (globalThis).lookupPlotly;
    return await text(Uint8Array.fromBase64?.(given) ?? Uint8Array.from(atob(given), (/** @type {string} */ letter) => letter.charCodeAt(0)));
  } catch (cause) {
    const help = "Load the page again, or ask whoever keeps it to put the file there anew.";
    throw new Error(`${src} is damaged, or something else. ${help}`, { cause });
  }
}

// As a CommonJS module, whatever loaders (require.js, say) the page has.
/** @param {string} source */
function evaluate(source) {
  /** @type {{ exports: any }} */
  const module = { exports: {} };
  try {
    new Function("module", "exports", "define", source)(module, module.exports, undefined);
    if (typeof module.exports.react !== "function") throw new Error("no plotly");
  } catch (cause) {
    throw new Error("Its plotly.js is damaged, or something else. Load the page again, or get a new copy of it.", { cause });
  }
  return module.exports;
}
