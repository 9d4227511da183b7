import { randomMethodId } from '../../../shared/catalogue/methods';
import { type MethodCurve } from '../../../shared/records';
import { html, type Markup } from './markup';
import { duration, fixed, interval, levelText, percent } from './numbers';
import { paperAccuracy } from './paper';
import { type RoarReport } from './report';

const swatch = (method: string): Markup =>
  html`<span class="swatch" style="background:var(--method-${method})"></span>`;

/** Areas, advantages and ranks, the best first. */
export function methodSection({ result, scores }: RoarReport): Markup {
  const name = (id: string) => scores.methods.find((method) => method.id === id)?.name ?? id;
  const curves = [...result.curves].sort((a, b) => a.rank - b.rank || b.advantage - a.advantage);
  const row = (curve: MethodCurve): Markup => {
    const { method, area, areaLow, areaHigh, advantage, advantageLow, advantageHigh } = curve;
    const random = method.id === randomMethodId;
    return html`<tr>
      <th scope="row">${swatch(method.id)}${method.name}</th>
      <td>${method.equations === '' ? '–' : method.equations}</td>
      <td class="n">${fixed(area, 4)}</td>
      <td class="n range">${interval(areaLow, areaHigh, 4)}</td>
      <td class="n">${random ? '–' : fixed(advantage, 4)}</td>
      <td class="n range">${random ? '–' : interval(advantageLow, advantageHigh, 4)}</td>
      <td class="n">${curve.rank}</td>
      <td>${curve.tiedWith.length === 0 ? '–' : curve.tiedWith.map(name).join(', ')}</td>
    </tr>`;
  };
  return html`<section aria-labelledby="methods">
    <h2 id="methods">Areas, advantages and ranks</h2>
    <p class="note">
      Area: trapezoid under the mean score over the span of levels. Advantage: area of the random
      map minus area of the method, so that larger is better. Rank: 1 + the number of methods that
      are significantly better; two methods are tied where the 95% paired interval of their area
      difference contains 0, without correction for the number of pairs.
    </p>
    <div class="scroll">
      <table>
        <caption>
          Methods by rank. Intervals are 95% paired percentile bootstrap intervals over images
          (${result.run.settings.resamples} resamples), conditional on the trained models.
        </caption>
        <thead>
          <tr>
            <th scope="col">Method</th>
            <th scope="col">Equations</th>
            <th scope="col" class="n">Area</th>
            <th scope="col" class="n">95% interval</th>
            <th scope="col" class="n">Advantage</th>
            <th scope="col" class="n">95% interval</th>
            <th scope="col" class="n">Rank</th>
            <th scope="col">Tied with</th>
          </tr>
        </thead>
        <tbody>
          ${curves.map(row)}
        </tbody>
      </table>
    </div>
  </section>`;
}

/** The retrained models and the random map beside the paper's figures. */
export function accuracySection({ result, paper, dataset }: RoarReport): Markup {
  const random = result.curves.find(({ method }) => method.id === randomMethodId);
  const stated = dataset.id === paper.accuracies.dataset;
  const rows = result.levels.map((entry, index) => {
    const reference = stated ? paperAccuracy(paper, entry.level) : null;
    const point = random?.points[index];
    const ours = entry.validationAccuracy;
    const claimed = paper.accuracies.randomMap.levels.some(
      (level) => Math.abs(level - entry.level) < 1e-9,
    );
    return html`<tr>
      <th scope="row" class="n">${levelText(entry.level)}</th>
      <td class="n">${ours === null ? '–' : percent(ours, 2)}</td>
      <td class="n">
        ${reference === null ? '–' : `${reference.above ? '> ' : ''}${percent(reference.accuracy, 0)}`}
      </td>
      <td class="n">
        ${ours === null || reference === null ? '–' : signed(100 * (ours - reference.accuracy))}
      </td>
      <td class="n">${point ? fixed(point.mean) : '–'}</td>
      <td class="n">${stated && claimed ? fixed(paper.accuracies.randomMap.score, 1) : '–'}</td>
      <td class="n">${entry.epochs}</td>
      <td class="n">${entry.reused ? 'reused' : duration(entry.seconds)}</td>
    </tr>`;
  });
  return html`<section aria-labelledby="models">
    <h2 id="models">Models, beside the paper’s</h2>
    <div class="scroll">
      <table>
        <caption>
          Validation accuracy of the model of each level, and the mean score that it gives images
          degraded by the random map.
        </caption>
        <thead>
          <tr>
            <th scope="col" class="n">Level t</th>
            <th scope="col" class="n">Accuracy</th>
            <th scope="col" class="n">Paper</th>
            <th scope="col" class="n">Difference, points</th>
            <th scope="col" class="n">Random map’s score</th>
            <th scope="col" class="n">Paper</th>
            <th scope="col" class="n">Epochs</th>
            <th scope="col" class="n">Training</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </section>`;
}

const signed = (points: number): string => {
  const text = fixed(points, 2);
  return points > 0 && Number(points.toFixed(2)) !== 0 ? `+${text}` : text;
};

/** The figure's numbers. */
export function curveSection({ result }: RoarReport): Markup {
  const { curves } = result;
  const levels = curves[0]?.points.map(({ level }) => level) ?? [];
  const table = (
    id: string,
    caption: string,
    cell: (curve: MethodCurve, index: number) => Markup,
  ): Markup =>
    html`<div class="scroll">
      <table id="${id}">
        <caption>
          ${caption}
        </caption>
        <thead>
          <tr>
            <th scope="col">Method</th>
            ${levels.map((level) => html`<th scope="col" class="n">${levelText(level)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${curves.map(
            (curve) =>
              html`<tr>
                <th scope="row">${swatch(curve.method.id)}${curve.method.name}</th>
                ${levels.map((_, index) => html`<td class="n">${cell(curve, index)}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  return html`<section aria-labelledby="curves">
    <h2 id="curves">The figure’s numbers</h2>
    <h3>Mean score</h3>
    ${table(
      'scores',
      'Mean softmax score of the ground-truth class and its 95% interval.',
      (curve, index) => {
        const point = curve.points[index];
        return point
          ? html`${fixed(point.mean)}<br /><span class="range"
                >${interval(point.low, point.high)}</span
              >`
          : html`–`;
      },
    )}
    <h3>Difference to the random map</h3>
    ${table(
      'differences',
      'Score under the random map minus score under the method, with its paired 95% interval.',
      (curve, index) => {
        const point = curve.points[index];
        return point
          ? html`${fixed(point.difference)}<br /><span class="range"
                >${interval(point.differenceLow, point.differenceHigh)}</span
              >`
          : html`–`;
      },
    )}
    <h3>Removed pixels that ties decided</h3>
    ${table(
      'ties',
      'Mean share of the removed pixels whose attribution equals that of the last pixel removed.',
      (curve, index) => {
        const point = curve.points[index];
        return html`${point ? percent(point.tied) : '–'}`;
      },
    )}
  </section>`;
}
