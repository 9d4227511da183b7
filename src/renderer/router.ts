import { createRouter, createWebHashHistory, type Router, type RouterHistory } from 'vue-router';

declare module 'vue-router' {
  interface RouteMeta {
    title: string;
  }
}

/** Every page: its address, its name, its title and its view. */
const pages = [
  ['/', 'overview', 'Overview', () => import('./views/overview/OverviewView.vue')],
  ['/datasets', 'datasets', 'Datasets', () => import('./views/datasets/DatasetsView.vue')],
  ['/models/:model?', 'models', 'Models', () => import('./views/models/ModelsView.vue')],
  ['/maps', 'maps', 'Maps', () => import('./views/maps/MapsView.vue')],
  ['/roar/:run?', 'roar', 'ROAR', () => import('./views/evaluation/RoarView.vue')],
  ['/paper/:experiment?', 'paper', 'Paper', () => import('./views/paper/PaperView.vue')],
  ['/sheet', 'sheet', 'Maps by method', () => import('./views/paper/SheetView.vue')],
  ['/studies/:study?', 'studies', 'Studies', () => import('./views/studies/StudiesView.vue')],
  ['/settings/machines', 'machines', 'Machines', () => import('./views/machines/MachinesView.vue')],
  ['/results/:study?', 'results', 'Results', () => import('./views/analysis/ResultsView.vue')],
] as const;

/** Hash history: works from the app protocol and over HTTP without help from the server. */
export function createStudioRouter(history: RouterHistory = createWebHashHistory()): Router {
  return createRouter({
    history,
    routes: [
      ...pages.map(([path, name, title, component]) => ({
        path,
        name,
        meta: { title },
        component,
      })),
      { path: '/:rest(.*)*', redirect: { name: 'overview' } },
    ],
  });
}
