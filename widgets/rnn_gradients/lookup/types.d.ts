// What travels from Python to the browser, and what the browser makes of it. Only the type check reads this.

/** What `pack` in table.py writes. */
export interface Packed {
  dims: string[];
  shape: number[];
  resolution: number | null; // null for 32-bit floats
  categories: BufferSource | null; // gzipped JSON: a list of strings
  is_flat: boolean; // whether the values are differences from a plane
  is_log10: boolean;
  values: BufferSource; // gzipped
}

export interface Table {
  dims: string[];
  shape: number[];
  strides: number[];
  resolution: number | null;
  categories: string[] | null; // null for numbers
  isLog10: boolean;
  values: Float32Array | Int16Array;
}

/** The index along each dimension. */
export type Position = Record<string, number>;

/** The dimension that is drawn; of rows and columns: both. */
export type Along = string | [down: string, across: string] | null;

/** What a LookupFigure looks up, and what it draws of it when. */
export interface Plan {
  dimensions: string[]; // but for that of the cameras
  show: {
    trace: number | null; // null for the layout
    attribute: string;
    points: string[][];
    along: Along;
    single: boolean; // where plotly takes no list
  }[];
  cameras: Spec[];
  scenes: string[]; // that the cameras are of
  caption: string[];
  reveal: [trace: number, first: number, last: number][];
  latest: Record<number, number>; // trace -> how many points, of those that draw only what was revealed last
  reveal_frames: number;
  presets: Record<string, Record<string, number | boolean>>;
  edges: number[];
  clicks: [trace: number, dimensions: string[]][]; // rows first
  narrow: [below: number, ...changes: Record<string, unknown>[]][];
}

/** A layout, or any part of a figure, as JSON has it: plotly's own types are not to be written to by name. */
export type Spec = Record<string, any>;

/** A trace whose numbers the view reads. */
export interface Trace extends Spec {
  name: string;
  x: any[];
  y: any[];
}

/** What stands in a trace or a layout, by the names that plotly's own functions take: "marker.size". */
export type Values = Record<string, any>;

/** All that is looked up for a position: of each trace, and of the layout. */
export interface Shown {
  looked: Values[];
  layout: Values;
  caption: string;
}

export interface FigureTraits extends Record<string, any> {
  _figure: { data: Trace[]; layout: Spec };
  _plan: Plan;
  _table: string;
  _plotly: string;
  reveal_frame: number;
  controls: string[];
  overruled: Record<string, string>; // the dimension that does it, by the control's id
}

export interface ShareTraits extends Record<string, any> {
  _figure: string;
  _words: Record<string, string[]>;
  _code: Record<string, string[]>;
  _defaults: Position;
  _call: string;
  _arguments: string[];
  _numbers: string[];
  _prefix: string;
  _order: number;
}

/** What is used of a widget's model, be it JupyterLab's or that of a page with no kernel. */
export interface Model<Traits extends Record<string, any> = Record<string, any>> {
  get<Name extends keyof Traits>(name: Name): Traits[Name];
  set(changes: Partial<Traits>): void;
  on(events: string, act: () => void): void;
  off(events: string | null, act: () => void): void;
  save_changes(): void;
  widget_manager: { get_model(id: string): Promise<Model> };
  views?: Record<string, Promise<{ el: HTMLElement }>>;
  lookup_unpacked?: Promise<any>;
}

/** A figure that has its place in the page's address, and the keys that are its own there. */
export interface ShareView {
  figure: Model;
  names: string[];
  base: string; // of all prefixes
  order: number; // in which it was made
  prefix: string;
  keys: string[];
}

declare global {
  var lookupPage: { views: Set<ShareView>; entries: URLSearchParams } | undefined;
  interface Window {
    Plotly?: typeof import("plotly.js");
  }
}
