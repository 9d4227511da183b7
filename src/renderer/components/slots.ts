/** Slots of what has a body and buttons. */
export interface BodyAndActions {
  /** What it says or shows. */
  default?: () => unknown;
  /** Buttons. */
  actions?: () => unknown;
}
