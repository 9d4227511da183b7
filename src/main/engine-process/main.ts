import { builtInAlgorithms } from '../../engine/catalogues';
import { serveEngine } from './serve-engine';

serveEngine(builtInAlgorithms);
