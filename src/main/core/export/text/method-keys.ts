import { markerPaths, methodStyle, methodStyles } from '../../../../shared/catalogue/palette';
import { lineWidth, markerScale } from '../../../../shared/charts/marks';
import { html, type Markup } from './markup';

/**
 * What draws a method's line and marker as the page's figure does, by the colours of
 * `figureVariables`.
 *
 * @param methods ids of every method of the page's figure.
 */
export function methodKeys(methods: readonly string[]): (method: string) => Markup {
  const styles = methodStyles(methods);
  return (method) => {
    const style = styles.get(method) ?? methodStyle(method, methods);
    const dash = style.dash.length > 0 ? html` stroke-dasharray="${style.dash.join(' ')}"` : '';
    return html`<svg class="key" width="30" height="12" viewBox="-15 -6 30 12" aria-hidden="true">
      <path
        d="M-14 0H14"
        style="stroke:var(--method-${method})"
        stroke-width="${lineWidth}"
        ${dash}
      />
      <path
        d="${markerPaths[style.marker]}"
        style="fill:var(--method-${method})"
        transform="scale(${markerScale.method})"
      />
    </svg>`;
  };
}
