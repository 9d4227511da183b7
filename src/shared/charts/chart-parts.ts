import { CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import { GraphicComponent, GridComponent } from 'echarts/components';

/** The parts of ECharts that charts are drawn with, on pages and in files. */
export const chartParts = [CustomChart, GraphicComponent, GridComponent, LineChart, ScatterChart];
