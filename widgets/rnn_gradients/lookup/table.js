// Tables in the browser: unpacked, sliced, and their slices added; there is no other mathematics here.

/** @import { Packed, Position, Table } from "./types.js" */

const MISSING = -32768; // stands for NaN among 16-bit integers, as in table.py

/** @param {BufferSource} bytes */
export function gunzip(bytes) {
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")));
}

/** @param {Response} response */
export const text = (response) => response.text();

/** @param {Record<string, Packed>} content @returns {Promise<Record<string, Table>>} */
export async function unpackAll(content) {
  const entries = Object.entries(content).map(async ([name, packed]) => [name, await unpack(packed)]);
  return Object.fromEntries(await Promise.all(entries));
}

// The inverse of table.py's pack.
/** @param {Packed} packed @returns {Promise<Table>} */
async function unpack({ dims, shape, resolution, categories, values }) {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
  const buffer = await gunzip(values).arrayBuffer();
  const table = { dims, shape, strides, resolution, categories: null };
  if (resolution === null) return { ...table, values: new Float32Array(buffer) };
  const bytes = new Uint8Array(buffer);
  const integers = new Int16Array(bytes.length / 2);
  for (let i = 0, sum = 0; i < integers.length; i++) {
    const interleaved = bytes[i] | (bytes[i + integers.length] << 8);
    sum += (interleaved >> 1) ^ -(interleaved & 1);
    integers[i] = sum;
  }
  const words = categories && JSON.parse(await text(gunzip(categories)));
  return { ...table, categories: words, values: integers };
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
