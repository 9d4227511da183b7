/** The few pages that the server says itself; without script or style, as the policy wants. */
const texts = {
  unauthorised: {
    title: 'This page needs its key',
    body: [
      'Saliency Studio is running, and only whoever started it may open it.',
      'Open the whole address that it printed in the terminal (it ends in <code>?token=…</code>). If the terminal is gone, stop Saliency Studio and run <code>npm start</code> again.',
      'If you came here by following that address from another page, <a href="/">continue here</a>.',
    ],
  },
  unbuilt: {
    title: 'The app has not been built',
    body: ['Run <code>npm start</code>, which builds it, or <code>npx electron-vite build</code>.'],
  },
} as const;

export function page(name: keyof typeof texts): string {
  const { title, body } = texts[name];
  const paragraphs = body.map((text) => `<p>${text}</p>`).join('');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>${title} · Saliency Studio</title></head><body><main><h1>${title}</h1>${paragraphs}</main></body></html>`;
}
