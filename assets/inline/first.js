// The first question of a page, asked while its scripts are still on their way: what Dash will ask once it stands, built
// from what came with the page. live.js hands the answer over; one that Dash does not ask for like this is dropped.
(function () {
  "use strict";

  const read = (id) => JSON.parse(document.getElementById(id)?.textContent || "null");
  const all = (text) => text.includes('["ALL"]');
  const props = new Map();
  const wild = [];

  function gather(found) {
    if (Array.isArray(found)) return found.forEach(gather);
    if (!found?.props) return;
    const { id, children } = found.props;
    if (typeof id === "string") props.set(id, found.props);
    else if (id) wild.push(found.props);
    gather(children);
  }

  function filled({ id, property }) {
    const type = all(id) && JSON.parse(id).type;
    const known = { pathname: location.pathname, search: location.search };
    if (type) return wild.filter((one) => one.id.type === type).map((one) => ({ id: one.id, property, value: one[property] }));
    const value = id === "here" ? "1" : id === "address" ? known[property] : props.get(id)?.[property];
    return { id, property, value };
  }

  const draws = (read("_dash-dependencies") || []).find(({ output }) => /"type":"part".*"type":"reads"/.test(output.replaceAll(" ", "")));
  gather(read("_dash-layout"));
  if (!draws || !wild.some(({ id }) => id.type === "part")) return;
  const outputs = [...draws.output.matchAll(/(\{[^}]*\})\.(\w+)/g)].map(([, id, property]) => filled({ id, property }));
  const body = JSON.stringify({
    output: draws.output,
    outputs: outputs.map((ones) => ones.map(({ id, property }) => ({ id, property }))),
    inputs: draws.inputs.map(filled),
    changedPropIds: ["here.data"],
    state: draws.state.map(filled),
  });
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  const answer = fetch("/_dash-update-component", { method: "POST", credentials: "same-origin", headers, body });
  answer.catch(() => null);
  window.royalFirst = { body, answer };
})();
