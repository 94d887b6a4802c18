import './style/index.css';
import { render } from 'preact';
import { followLanguage } from './language/choice';
import { start } from './state/start';
import { App } from './ui/App';

start();
followLanguage().then(() => render(<App />, document.getElementById('app') as HTMLElement));
