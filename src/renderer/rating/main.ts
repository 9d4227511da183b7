import { createApp } from 'vue';
import { pageSocket, socketTransport } from '../api/socket';
import { bridgeTransport } from '../api/transport';
import '../styles/tokens.css';
import '../styles/base.css';
import './rating.css';
import RatingApp from './RatingApp.vue';
import { createRatingClient, readAnswer } from './client';
import { createRatingSession } from './session';
import { followTheme } from './theme';
import { pagePaint } from './walk/paint';

const transport = window.studio
  ? bridgeTransport(window.studio, readAnswer)
  : socketTransport({ open: () => pageSocket(window.location), read: readAnswer });

const session = createRatingSession({
  client: createRatingClient(transport),
  paint: pagePaint,
  window,
  newEventId: () => crypto.randomUUID(),
  // The desktop shell shows its own page again as soon as annotator mode has ended.
  goToApp: () => {
    if (!window.studio) window.location.replace('/');
  },
});

// Before mounting, so that the first paint has the right colours.
followTheme();
createApp(RatingApp, { session }).mount('#app');
void session.open();
