// What is left of the texts: charts, a selection and a search each let some through, and all have to agree.

const MISSING = 65535;
const MOST_FILTERS = 32; // a bit of a row's mask each

class Filters {
  constructor(count) {
    this.rows = count;
    this.mask = new Uint32Array(count); // a bit for each filter that a row does not pass
    this.bits = new Map(); // name -> its bit
    this.charts = new Map();
    this.filters = new Map();
    this.sources = new Map();
    this.forget();
  }

  // Take other charts; return the ids of the filters that they have no place for.
  setCharts(charts) {
    const next = new Map(charts.map((chart) => [chart.id, chart]));
    const dropped = [...this.filters.keys()].filter((id) => next.get(id)?.key !== this.charts.get(id)?.key);
    for (const id of dropped) this.apply(id, null);
    this.charts = next;
    this.forget();
    return dropped;
  }

  filterOf(id) {
    return this.filters.get(id) || null;
  }

  set(id, filter) {
    this.apply(id, filter);
    this.forget();
  }

  // Further rows that pass, from elsewhere: Uint8 of 0 and 1, null for all.
  setRows(name, bits) {
    this.applyRows(name, bits);
    this.forget();
  }

  rowsOf(name) {
    return this.sources.get(name) || null;
  }

  // Let go of everything but the rows called `but`.
  clear(but) {
    for (const id of [...this.filters.keys()]) this.apply(id, null);
    for (const name of [...this.sources.keys()]) if (name !== but) this.applyRows(name, null);
    this.forget();
  }

  state() {
    return { filters: new Map(this.filters), sources: new Map(this.sources) };
  }

  // Go back to an earlier state of all but the rows called `but`.
  restore({ filters, sources }, but) {
    for (const id of new Set([...this.filters.keys(), ...filters.keys()])) this.apply(id, filters.get(id) || null);
    for (const name of new Set([...this.sources.keys(), ...sources.keys()])) {
      if (name !== but) this.applyRows(name, sources.get(name) || null);
    }
    this.forget();
  }

  apply(id, filter) {
    const chart = this.charts.get(id);
    if (!filter || !chart) {
      if (this.filters.delete(id)) this.free(id);
      return;
    }
    this.filters.set(id, filter);
    const passes = new Uint8Array(MISSING + 1);
    if (filter.codes) for (const code of filter.codes) passes[code] = 1;
    else passes.fill(1, filter.from, filter.to + 1);
    const { codes } = chart;
    this.mark(id, (row) => passes[codes[row]]);
  }

  applyRows(name, bits) {
    if (!bits) {
      if (this.sources.delete(name)) this.free(name);
      return;
    }
    this.sources.set(name, bits);
    this.mark(name, (row) => bits[row]);
  }

  // Whether there is a bit left for a filter of this name; two are kept for a selection and a search.
  roomFor(id) {
    return this.filters.has(id) || this.filters.size < MOST_FILTERS - 2;
  }

  bitOf(name) {
    if (!this.bits.has(name)) {
      const taken = new Set(this.bits.values());
      let at = 0;
      while (taken.has(1 << at) && at < MOST_FILTERS) at++;
      if (at === MOST_FILTERS) throw new Error("too many filters");
      this.bits.set(name, 1 << at);
    }
    return this.bits.get(name);
  }

  mark(name, passes) {
    const bit = this.bitOf(name);
    const { mask } = this;
    for (let row = 0; row < mask.length; row++) mask[row] = passes(row) ? mask[row] & ~bit : mask[row] | bit;
  }

  free(name) {
    const bit = this.bits.get(name);
    if (bit === undefined) return;
    for (let row = 0; row < this.mask.length; row++) this.mask[row] &= ~bit;
    this.bits.delete(name);
  }

  forget() {
    this.left = undefined;
  }

  // Uint8 of 0 and 1, or null where nothing is filtered.
  get passing() {
    if (this.left === undefined) this.left = this.bits.size ? this.passingBut(null) : null;
    return this.left;
  }

  // What all filters but one let through; null where there are no others.
  passingBut(name) {
    const without = name === null ? 0 : this.bits.get(name) || 0;
    if (this.bits.size <= (without ? 1 : 0)) return null;
    const bits = new Uint8Array(this.rows);
    for (let row = 0; row < bits.length; row++) bits[row] = (this.mask[row] & ~without) === 0 ? 1 : 0;
    return bits;
  }

  get count() {
    return this.passing ? sumOf(this.passing) : this.rows;
  }

  // How many rows each bin holds of those that pass all other filters; the last is of those without a value.
  countsOf(id) {
    const { codes, bins } = this.charts.get(id);
    const own = this.bits.get(id) || 0;
    const counts = new Uint32Array(bins + 1);
    const { mask } = this;
    for (let row = 0; row < mask.length; row++) {
      if ((mask[row] & ~own) === 0) counts[codes[row] === MISSING ? bins : codes[row]]++;
    }
    return counts;
  }

  totalsOf(id) {
    const chart = this.charts.get(id);
    if (chart.totals) return chart.totals;
    const counts = new Uint32Array(chart.bins + 1);
    for (const code of chart.codes) counts[code === MISSING ? chart.bins : code]++;
    chart.totals = counts;
    return counts;
  }
}

// A filter in words.
function said(chart, filter) {
  const { title, words, bins } = chart;
  if (filter.codes) {
    const names = filter.codes.map((code) => (code === MISSING ? "no value" : words[code]));
    const more = names.length > 3 ? ` and ${names.length - 2} more` : "";
    const shown = more ? names.slice(0, 2).join(", ") : names.join(" or ");
    return `${title}: ${shown}${more}`;
  }
  return `${title}: ${rangeOf(words, Math.max(0, filter.from), Math.min(bins - 1, filter.to))}`;
}

// From where the first bin begins to where the last one ends: "2 to 4" and "8 to 10" are "2 to 10".
function rangeOf(words, from, to) {
  const [first, last] = [words[from], words[to]];
  return first === last ? first : `${first.split(" to ")[0]} to ${last.split(" to ").pop()}`;
}
