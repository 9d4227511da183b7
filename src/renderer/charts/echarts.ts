import { AxisPointerComponent, TooltipComponent } from 'echarts/components';
import { use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { chartParts } from '../../shared/charts/chart-parts';

/** What the app's charts are drawn with and read with; import this file for its effect. */
use([...chartParts, AxisPointerComponent, CanvasRenderer, TooltipComponent]);
