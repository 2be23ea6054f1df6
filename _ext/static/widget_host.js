// Brings anywidgets to life on a page without a kernel: reads the widget state that the notebook
// saved, imports each widget's own module from it, and calls render({model, el}) on a small model.
// A classic script, not a module, so that a page opened from the disk works too.
(() => {
  const parse = (kind) => [...document.querySelectorAll(`script[type="application/vnd.jupyter.widget-${kind}+json"]`)];

  // The anywidget model without a kernel: a store with change events. Nothing is ever sent.
  function makeModel(state) {
    const listeners = new Map();
    const emit = (event) => [...(listeners.get(event) ?? [])].forEach((listener) => listener());
    return {
      get: (name) => state[name],
      set(name, value) {
        if (Object.is(state[name], value)) return;
        state[name] = value;
        emit(`change:${name}`);
        emit("change");
      },
      on(event, listener) { listeners.set(event, [...(listeners.get(event) ?? []), listener]); },
      off(event, listener) { listeners.set(event, (listeners.get(event) ?? []).filter((one) => one !== listener)); },
      kernel: false, // so that a widget knows that it has to keep by itself what the reader did
      save_changes() {},
      send() {},
    };
  }

  async function start(record, el) {
    const source = new Blob([record.state._esm], { type: "text/javascript" });
    const url = URL.createObjectURL(source);
    const widget = (await import(url)).default;
    URL.revokeObjectURL(url);
    const parts = typeof widget === "function" ? await widget() : widget;
    if (!record.model) {
      record.model = makeModel(record.state); // two views of one widget share it
      document.head.append(Object.assign(document.createElement("style"), { textContent: record.state._css ?? "" }));
      await parts.initialize?.({ model: record.model });
    }
    const stop = await parts.render({ model: record.model, el });
    if (stop) addEventListener("pagehide", (event) => { if (!event.persisted) stop(); }, { once: true });
  }

  async function all() {
    const records = {};
    for (const script of parse("state")) Object.assign(records, JSON.parse(script.textContent).state);
    for (const view of parse("view")) {
      const record = records[JSON.parse(view.textContent).model_id];
      if (!record?.state?._esm) continue; // not an anywidget: this page shows its static figure only
      const el = document.createElement("div");
      view.after(el);
      try {
        await start(record, el);
        el.dataset.widget = "ready";
      } catch (error) {
        el.dataset.widget = "failed";
        el.setAttribute("role", "alert");
        el.textContent = `This widget could not start (${error.message}). The figure beside it shows the same finding.`;
        console.error(error);
      }
    }
  }

  if (document.readyState === "loading") addEventListener("DOMContentLoaded", all);
  else all();
})();
