// Unit tests of table.js, on what Python packed: test_javascript.py writes it to $FIXTURES, and runs this.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { add, slice, unpackAll } from "../widgets/rnn_gradients/lookup/table.js";

const { content, slices, sums } = JSON.parse(readFileSync(process.env.FIXTURES, "utf-8"), (key, value) =>
  value?.base64 !== undefined ? Buffer.from(value.base64, "base64") : value === "NaN" ? NaN : value,
);
const table = await unpackAll(content);

for (const { name, position, along, expected } of slices)
  test(`${name} along ${along} at ${JSON.stringify(position)}`, () =>
    assert.deepEqual(slice(table[name], position, along), expected));

for (const { names, position, along, expected } of sums)
  test(`${names.join(" + ")} along ${along}`, () =>
    assert.deepEqual(names.map((name) => slice(table[name], position, along)).reduce(add), expected));
