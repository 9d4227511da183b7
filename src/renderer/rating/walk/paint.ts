/** The moments of a paint, as scripts can know them. */
export interface Paint {
  /** Soon after the next frame was handed on to be shown. */
  afterFrame(callback: () => void): void;
  /** When the frame after the next one begins: by then the next one is on the screen. */
  afterPaint(callback: (at: number) => void): void;
}

export const pagePaint: Paint = {
  afterFrame(callback) {
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        channel.port1.close();
        callback();
      };
      channel.port2.postMessage(null);
    });
  },
  afterPaint(callback) {
    requestAnimationFrame(() => requestAnimationFrame(() => callback(performance.now())));
  },
};

/** Marks of each answer, for whoever measures: pressed, recorded, and what follows it painted. */
export const marks = {
  press: 'rating:press',
  recorded: 'rating:recorded',
  painted: 'rating:painted',
} as const;
