import { t } from '../../language/texts';

/** In the place of a list that is being read. */
export function Skeleton() {
  return (
    <ul class="cards" aria-busy="true" aria-label={t().boards.loading}>
      {Array.from({ length: 8 }, (_, index) => (
        <li class="card" key={index}>
          <div class="skeleton square" />
          <div class="skeleton line" />
          <div class="skeleton line short" />
        </li>
      ))}
    </ul>
  );
}
