import { Connection } from './Connection';
import { Logo } from './Logo';
import { Nav } from './Nav';
import { ThemeButton } from './ThemeButton';
import { UserMenu } from './UserMenu';

export function Header() {
  return (
    <header class="header">
      <Logo />
      <Nav />
      <div class="header-end">
        <Connection />
        <ThemeButton />
        <UserMenu />
      </div>
    </header>
  );
}
