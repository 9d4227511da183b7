/** The few pages that the server says itself; without script or style, as the policy wants. */
const texts = {
  unauthorised: {
    title: 'This page needs its key',
    body: [
      'Saliency Studio is running, and only whoever started it may open it.',
      'Open the whole address that it printed in the terminal (it ends in <code>?token=…</code>). If the terminal is gone, stop Saliency Studio and run <code>npm start</code> again.',
      'If you were asked to rate maps, open the link that you were given. If it brought you here, it has ended: ask for a new one.',
    ],
  },
  ended: {
    title: 'This link has ended, or never was',
    body: [
      'If you were asked to rate maps: a newer link replaces an older one. Open the newest that you were given, or ask for another. What you answered is kept.',
      'If you started Saliency Studio yourself: open the whole address that it printed last in the terminal (it ends in <code>?token=…</code>).',
      'If this browser was let in before, <a href="/">continue as before</a>.',
    ],
  },
  'now-rating': {
    title: 'This browser now rates',
    body: [
      'The link that was opened belongs to a rater. Until now this browser was somebody else’s here: the latest link counts, for all its pages.',
      '<a href="/">Go to the rating page</a>.',
      'To come back as before, open the earlier address again (the researcher’s is the one that was printed in the terminal).',
    ],
  },
  'now-researching': {
    title: 'This browser is the researcher’s again',
    body: [
      'The address that was opened belongs to whoever started Saliency Studio. Until now this browser was a rater’s: the latest address counts, for all its pages.',
      '<a href="/">Go to Saliency Studio</a>.',
      'To rate, open the rater’s link again. What was answered is kept.',
    ],
  },
  unbuilt: {
    title: 'The app has not been built',
    body: ['Run <code>npm start</code>, which builds it, or <code>npx electron-vite build</code>.'],
  },
} as const;

export function page(name: keyof typeof texts): string {
  return html(texts[name]);
}

/**
 * For who comes through a forwarded port of another number, where the browser and the app name
 * different addresses: the one that we trust is our own.
 */
export function forwardedPage(there: string, here: number): string {
  return html({
    title: 'The two port numbers must be equal',
    body: [
      `You came by port ${there}, and Saliency Studio listens on port ${here}. If port ${there} is forwarded to it, forward one of the same number, and open the printed address as it stands:`,
      `<code>ssh -L ${here}:127.0.0.1:${here} …</code>, then <code>http://127.0.0.1:${here}/?token=…</code>`,
      `Where port ${here} is taken on your side, start Saliency Studio on one that is free on both: <code>npm start -- --port ${there}</code>, then <code>ssh -L ${there}:127.0.0.1:${there} …</code>`,
    ],
  });
}

function html({ title, body }: { title: string; body: readonly string[] }): string {
  const paragraphs = body.map((text) => `<p>${text}</p>`).join('');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>${title} · Saliency Studio</title></head><body><main><h1>${title}</h1>${paragraphs}</main></body></html>`;
}
