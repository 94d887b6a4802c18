import '../style/admin.css';
import type { ComponentChildren } from 'preact';
import { adminTexts } from '../language/admin/texts';
import { t } from '../language/texts';
import { signInPath } from '../router';
import { user } from '../state/session';
import { Page } from '../ui/Page';
import { EventLog } from './admin/EventLog';
import { Streams } from './admin/Streams';
import { Users } from './admin/Users';

/** Users, the log and open streams, for administrators. The server refuses others, whatever is shown here. */
export function Admin() {
  const title = t().shell.admin;
  const texts = adminTexts();
  const who = user.value;
  if (who === undefined) {
    return (
      <Page title={title}>
        <div class="skeleton line" aria-busy="true" />
      </Page>
    );
  }
  if (who === null) {
    return (
      <Closed title={title} lead={texts.signIn}>
        <a class="button" href={signInPath()}>
          {t().shell.signIn}
        </a>
      </Closed>
    );
  }
  if (!who.is_admin) {
    return (
      <Closed title={title} lead={texts.notYours}>
        <a class="button plain" href="/">
          {t().common.allBoards}
        </a>
      </Closed>
    );
  }
  return (
    <Page title={title} lead={texts.lead} class="admin">
      <EventLog />
      <Users />
      <Streams />
    </Page>
  );
}

interface ClosedProps {
  title: string;
  lead: string;
  /** Where one may go instead. */
  children: ComponentChildren;
}

function Closed({ title, lead, children }: ClosedProps) {
  return (
    <Page title={title}>
      <div class="empty">
        <p>{lead}</p>
        {children}
      </div>
    </Page>
  );
}
