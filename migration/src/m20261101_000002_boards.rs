//! `boards` and `paths`.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Users {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum Boards {
    Table,
    Id,
    CreatorId,
    UpdatedById,
    Name,
    Rows,
    Cols,
    Dots,
    Version,
    CreatedAt,
    UpdatedAt,
}

#[derive(DeriveIden)]
enum Paths {
    Table,
    Id,
    BoardId,
    UserId,
    Cells,
    CreatedAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Boards::Table)
                    // Auto-increment on SQLite, too: a deleted board's id is never another board's.
                    .col(big_pk_auto(Boards::Id))
                    .col(big_integer(Boards::CreatorId))
                    .col(big_integer(Boards::UpdatedById))
                    .col(string_len(Boards::Name, 100))
                    .col(integer(Boards::Rows))
                    .col(integer(Boards::Cols))
                    .col(json_binary(Boards::Dots))
                    .col(big_integer(Boards::Version))
                    .col(timestamp_with_time_zone(Boards::CreatedAt))
                    .col(timestamp_with_time_zone(Boards::UpdatedAt))
                    .foreign_key(
                        ForeignKey::create()
                            .name("boards_creator")
                            .from(Boards::Table, Boards::CreatorId)
                            .to(Users::Table, Users::Id),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("boards_updated_by")
                            .from(Boards::Table, Boards::UpdatedById)
                            .to(Users::Table, Users::Id),
                    )
                    .take(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("boards_creator_id")
                    .table(Boards::Table)
                    .col(Boards::CreatorId)
                    .col(Boards::Id)
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(Paths::Table)
                    .col(big_pk_auto(Paths::Id))
                    .col(big_integer(Paths::BoardId))
                    .col(big_integer(Paths::UserId))
                    .col(json_binary(Paths::Cells))
                    .col(timestamp_with_time_zone(Paths::CreatedAt))
                    .foreign_key(
                        ForeignKey::create()
                            .name("paths_board")
                            .from(Paths::Table, Paths::BoardId)
                            .to(Boards::Table, Boards::Id)
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("paths_user")
                            .from(Paths::Table, Paths::UserId)
                            .to(Users::Table, Users::Id),
                    )
                    .take(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("paths_board_id_user_id")
                    .table(Paths::Table)
                    .col(Paths::BoardId)
                    .col(Paths::UserId)
                    .col(Paths::Id)
                    .take(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(Paths::Table).take())
            .await?;
        manager
            .drop_table(Table::drop().table(Boards::Table).take())
            .await
    }
}
