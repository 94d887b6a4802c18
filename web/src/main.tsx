import './style/index.css';
import { render } from 'preact';
import { followLanguage } from './language/choice';
import { navigate } from './router';
import { boardPath } from './routes';
import { start } from './state/start';
import { App } from './ui/App';
import './ui/favicon';

start(({ type, boardId }) => {
  navigate(type === 'boardDeleted' ? '/activity' : boardPath(boardId));
});
followLanguage().then(() => render(<App />, document.getElementById('app') as HTMLElement));
