// Tables in the browser: unpacked, sliced, and their slices added; there is no other mathematics here.

/** @import { Packed, Position, Table } from "./types.js" */

const MISSING = -32768; // stands for NaN among 16-bit integers, as in table.py

const DAMAGED =
  "A part of its data is missing, or has changed on its way. Download the page again, or ask whoever sent it for a " +
  "new copy; in a notebook, run its cell again.";
const OLD = "This browser is too old (it has no DecompressionStream). Open the page in a browser of 2024 or later.";

// Gzip holds the length and a checksum of what it packs; what it finds, each browser tells in its own words.
/** @param {BufferSource} bytes */
async function gunzip(bytes) {
  if (!globalThis.DecompressionStream) throw new Error(OLD);
  try {
    return await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  } catch (error) {
    throw new Error(DAMAGED, { cause: error });
  }
}

/** @param {BufferSource} bytes */
export const text = async (bytes) => new TextDecoder().decode(await gunzip(bytes));

/** @param {Record<string, Packed>} content @returns {Promise<Record<string, Table>>} */
export async function unpackAll(content) {
  const entries = Object.entries(content).map(async ([name, packed]) => [name, await unpack(packed)]);
  return Object.fromEntries(await Promise.all(entries));
}

// The inverse of table.py's pack.
/** @param {Packed} packed @returns {Promise<Table>} */
async function unpack({ dims, shape, resolution, categories, is_flat: isFlat, is_log10: isLog10, values }) {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
  const buffer = await gunzip(values);
  const size = shape.reduce((a, b) => a * b, resolution === null ? 4 : 2);
  if (buffer.byteLength !== size) throw new Error(DAMAGED);
  const words = categories && JSON.parse(await text(categories));
  const table = { dims, shape, strides, resolution, isLog10, categories: words };
  if (resolution === null) return { ...table, values: new Float32Array(buffer) };
  const bytes = new Uint8Array(buffer);
  const integers = new Int16Array(bytes.length / 2);
  const [rows, columns] = isFlat ? shape.slice(-2) : [1, integers.length];
  for (let i = 0, row = 0; i < integers.length; row = (row + 1) % rows) {
    for (let sum = 0, end = i + columns; i < end; i++) {
      const interleaved = bytes[i] | (bytes[i + integers.length] << 8);
      sum = ((sum + ((interleaved >> 1) ^ -(interleaved & 1))) << 16) >> 16; // wraps around, as there
      integers[i] = sum + (row && integers[i - columns]);
    }
  }
  return { ...table, values: integers };
}

/** @param {Table} table @param {Position} position @param {string | null} along */
export function slice({ dims, shape, strides, values, resolution, categories }, position, along) {
  let offset = 0;
  let [length, stride] = [1, 0];
  dims.forEach((name, i) => {
    if (name === along) [length, stride] = [shape[i], strides[i]];
    else offset += position[name] * strides[i];
  });
  return Array.from({ length }, (_, i) => {
    const value = values[offset + i * stride];
    if (categories) return categories[value];
    if (resolution === null) return value;
    return value === MISSING ? NaN : value * resolution;
  });
}

// Slices of one point each are added to every point of a longer one.
/** @param {any[]} left @param {any[]} right */
export function add(left, right) {
  const long = left.length >= right.length ? left : right;
  return long.map((_, i) => left[left.length === 1 ? 0 : i] + right[right.length === 1 ? 0 : i]);
}
