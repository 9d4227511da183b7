import { createPinia } from 'pinia';
import { createApp } from 'vue';
import App from './App.vue';
import { bridgeCarrier, httpCarrier } from './api/carrier';
import { clientKey, createClient } from './api/client';
import { readReply } from './api/read-reply';
import { pageSocket, socketTransport } from './api/socket';
import { bridgeTransport } from './api/transport';
import { reloadWhenReplaced } from './reload';
import { createStudioRouter } from './router';
import { useTheme } from './stores/theme';
import './styles/tokens.css';
import './styles/base.css';
import './styles/element';
import './styles/element-theme.css';
import './styles/settings.css';

const transport = window.studio
  ? bridgeTransport(window.studio, readReply)
  : socketTransport({ open: () => pageSocket(window.location), read: readReply });

const carrier = window.studio ? bridgeCarrier(window.studio) : httpCarrier();

const app = createApp(App);
app.provide(clientKey, createClient(transport, carrier));
app.use(createPinia());
const router = createStudioRouter();
reloadWhenReplaced(router);
app.use(router);
// Before mounting, so that the first paint has the right colours.
useTheme().start();
app.mount('#app');
