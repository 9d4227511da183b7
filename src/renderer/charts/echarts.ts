import { BarChart, CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import { AxisPointerComponent, GridComponent, TooltipComponent } from 'echarts/components';
import { use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

/** The parts of ECharts that the app draws with; import this file for its effect. */
use([
  AxisPointerComponent,
  BarChart,
  CanvasRenderer,
  CustomChart,
  GridComponent,
  LineChart,
  ScatterChart,
  TooltipComponent,
]);
