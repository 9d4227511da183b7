import { figureSvg } from '../../../../../src/main/core/export/figure/figure';
import { openFont } from '../../../../../src/main/core/export/figure/font';
import { installedFiles } from '../../../../../src/main/core/storage/installed-files';
import { sampleReport } from '../../evaluation/report/sample-run';

/** The figure of `figure.test.ts`, drawn by a process of its own. */
const { curves } = sampleReport({ images: 30 }).result;
const font = openFont(installedFiles().fonts);
process.stdout.write(
  await figureSvg(curves, { title: 'A title & more', notes: ['A note.'], font }),
);
