alter table appointments add column note text not null default '';
