import { createRouter, createWebHashHistory, type Router, type RouterHistory } from 'vue-router';

declare module 'vue-router' {
  interface RouteMeta {
    title: string;
  }
}

/** Hash history: works from the app protocol and over HTTP without help from the server. */
export function createStudioRouter(history: RouterHistory = createWebHashHistory()): Router {
  return createRouter({
    history,
    routes: [
      {
        path: '/',
        name: 'overview',
        meta: { title: 'Overview' },
        component: () => import('./views/overview/OverviewView.vue'),
      },
      {
        path: '/datasets',
        name: 'datasets',
        meta: { title: 'Datasets' },
        component: () => import('./views/datasets/DatasetsView.vue'),
      },
      {
        path: '/models/:model?',
        name: 'models',
        meta: { title: 'Models' },
        component: () => import('./views/models/ModelsView.vue'),
      },
      {
        path: '/maps',
        name: 'maps',
        meta: { title: 'Maps' },
        component: () => import('./views/maps/MapsView.vue'),
      },
      {
        path: '/roar/:run?',
        name: 'roar',
        meta: { title: 'ROAR' },
        component: () => import('./views/evaluation/RoarView.vue'),
      },
      {
        path: '/paper/:experiment?',
        name: 'paper',
        meta: { title: 'Paper' },
        component: () => import('./views/paper/PaperView.vue'),
      },
      {
        path: '/sheet',
        name: 'sheet',
        meta: { title: 'Maps by method' },
        component: () => import('./views/paper/SheetView.vue'),
      },
      {
        path: '/studies/:study?',
        name: 'studies',
        meta: { title: 'Studies' },
        component: () => import('./views/studies/StudiesView.vue'),
      },
      {
        path: '/results/:study?',
        name: 'results',
        meta: { title: 'Results' },
        component: () => import('./views/analysis/ResultsView.vue'),
      },
      { path: '/:rest(.*)*', redirect: { name: 'overview' } },
    ],
  });
}
