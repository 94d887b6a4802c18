import './style/index.css';
import { render } from 'preact';
import { start } from './state/start';
import { App } from './ui/App';

start();
render(<App />, document.getElementById('app') as HTMLElement);
