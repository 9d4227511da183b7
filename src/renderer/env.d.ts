/// <reference types="vite/client" />
import { type StudioBridge } from '../shared/wire';

declare global {
  interface Window {
    /** Present in the desktop shell: the preload script's bridge to the main process. */
    readonly studio?: StudioBridge;
  }
}
