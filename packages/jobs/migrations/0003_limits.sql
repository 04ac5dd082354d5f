-- phase: expand
-- How many jobs run at once, over all processes. Claims of a queue that has a row here go one after the other.
create table plinth.job_limit (
  queue       text not null,
  tenant      text collate "C" not null,               -- empty: the whole queue; *: each tenant; else this one
  running_max int not null check (running_max >= 0),
  primary key (queue, tenant)
);
grant select, insert, update, delete on plinth.job_limit to plinth_worker;
