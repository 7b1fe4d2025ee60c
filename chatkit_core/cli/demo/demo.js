// What the demo's page gives its chat: a client tool, an effect, things to mention, an action that the page handles.

const chat = document.querySelector("chatkit-chat");

const people = ["Ada Lovelace", "Alan Turing", "Grace Hopper", "Katherine Johnson"].map((title, number) => ({
  title,
  id: `person_${number + 1}`,
  group: "People",
  interactive: true,
}));

chat.setOptions({
  onClientTool: ({ name }) => {
    if (name !== "get_time_zone") throw new Error(`The demo's page has no tool ${name}.`);
    return { timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone };
  },
  entities: {
    showComposerMenu: true,
    onTagSearch: async (query) => people.filter(({ title }) => title.toLowerCase().includes(query.toLowerCase())),
    onClick: ({ title }) => chat.setComposerValue({ text: `Tell me about ${title}` }),
  },
  widgets: {
    onAction: async ({ payload }) => chat.setComposerValue({ text: `I would like to read ${payload?.title}.` }),
  },
});

chat.addEventListener("chatkit.effect", ({ detail }) => {
  if (detail.name === "confetti") confetti(detail.data?.pieces ?? 50);
});

function confetti(pieces) {
  for (let piece = 0; piece < pieces; piece++) {
    const dot = document.createElement("i");
    Object.assign(dot.style, {
      position: "fixed", zIndex: 9, top: "-12px", left: `${Math.random() * 100}vw`, width: "8px", height: "12px",
      background: `hsl(${Math.random() * 360} 80% 60%)`, pointerEvents: "none",
    });
    document.body.append(dot);
    const fall = [{ transform: "none" }, { transform: `translate(${Math.random() * 200 - 100}px, 105vh) rotate(${Math.random() * 1080}deg)` }];
    dot.animate(fall, { duration: 1500 + Math.random() * 1500, easing: "ease-in" }).finished.then(() => dot.remove());
  }
}
