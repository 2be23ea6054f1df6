// Brings anywidgets to life on a page without a kernel: reads the widget state that the notebook
// saved, imports each widget's own module from it, and calls render({model, el}) on a small model.
// A classic script, not a module, so that a page opened from the disk works too.
(() => {
  const parse = (kind) => [...document.querySelectorAll(`script[type="application/vnd.jupyter.widget-${kind}+json"]`)];

  // The anywidget model without a kernel: a store with change events. Nothing is ever sent.
  function makeModel(state, widget_manager) {
    const listeners = new Map();
    const emit = (event) => [...(listeners.get(event) ?? [])].forEach((listener) => listener());
    return {
      widget_manager,
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

  // Every widget of the page by its id, as in a notebook: a widget may refer to another one, which has no view.
  function makeManager(records) {
    const widget_manager = { async get_model(id) {
      const record = records[id];
      if (!record) throw new Error(`this page holds no widget ${id}`);
      return record.model ??= makeModel(record.state, widget_manager);
    } };
    return widget_manager;
  }

  async function start(record, el, manager, id) {
    const source = new Blob([record.state._esm], { type: "text/javascript" });
    const url = URL.createObjectURL(source);
    const widget = (await import(url)).default;
    URL.revokeObjectURL(url);
    const parts = typeof widget === "function" ? await widget() : widget;
    const model = await manager.get_model(id); // two views of one widget share it
    if (!record.started) {
      record.started = true;
      document.head.append(Object.assign(document.createElement("style"), { textContent: record.state._css ?? "" }));
      await parts.initialize?.({ model });
    }
    // page: true tells a widget that the address bar belongs to this page, and not to Jupyter.
    const stop = await parts.render({ model, el, page: true });
    if (stop) addEventListener("pagehide", (event) => { if (!event.persisted) stop(); }, { once: true });
  }

  async function all() {
    const records = {};
    for (const script of parse("state")) Object.assign(records, JSON.parse(script.textContent).state);
    const manager = makeManager(records);
    for (const view of parse("view")) {
      const id = JSON.parse(view.textContent).model_id, record = records[id];
      if (!record?.state?._esm) continue; // not an anywidget: this page shows its static figure only
      const el = document.createElement("div");
      view.after(el);
      try {
        await start(record, el, manager, id);
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
