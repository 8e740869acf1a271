create table p (id UInt32, x Nullable(Int32), s String, t DateTime) engine = MergeTree order by id
insert into p values (1, 5, 'a', '2024-01-01 00:00:00'), (2, NULL, 'b', '2024-01-01 12:00:00'), (3, -5, 'a', '2024-01-02 00:00:00')
create table q (id UInt32, y Decimal(8, 2), x Int32) engine = MergeTree order by id
insert into q values (1, 1.5, 5), (3, 2.25, 0), (4, 9.99, 7)
select id, p.x, q.x, y from p full join q using (id) order by id settings join_use_nulls = 1
select id, p.x, q.x, y from p full join q using (id) order by id
select sum(p.x) over (order by id nulls first), id from p left join q using id order by id
select * from p left join (select id, max(y) over () as m from q) z on p.id = z.id order by p.id
select s, groupArray(x), count(x), count() from p group by s order by s
select s, x, lead(x) over (partition by s order by id), lag(x, 1, 0) over (partition by s order by id) from p order by id
with a as (select id, y from q), b as (select id, sum(y) over (order by id) c from a) select * from b where c > 2 order by id
with a as (select 1 as n), b as (with a as (select 2 as n) select n from a) select a.n, b.n from a, b
with recursive tree as (select id, 0 as depth from p where id = 1 union all select p.id, depth + 1 from p join tree on p.id = tree.id + 1) select * from tree order by id
select * from (select * from p union all select * from p) where id = 1
select x, sum(id) from (select x, id from p union all select x, id from q) group by x order by x nulls first
select distinct x from (select x from p union all select x from q) order by x nulls last
select x from p intersect select x from q
select x from p except select x from q
select x from p union distinct select toInt64(5) order by x
select count() from p where x in (select x from q)
select count() from p where x not in (select x from q)
select count() from p where (id, x) in (select id, x from q)
select id from p where id in (select id from q where q.x = 5 union all select 2) order by id
select id, x in (5, NULL), x not in (5), x = any(select x from q) from p order by id
select id from p where id > all (select 1) and id <= any (select id from q) order by id
select id, exists(select 1 from q where q.id = p.id) e from p order by id
select id, id in (select id from q) as i, count() over (partition by i) from p order by id
select toStartOfDay(t) d, count(), groupArray(id) from p group by d order by d
select id, dateDiff('hour', lag(t) over (order by t), t) from p order by id
select id, t + interval id day, t - interval 30 minute, t > '2024-01-01 06:00:00' from p order by id
select min(t), max(t), max(t) - min(t) from p
select s, count() from p group by s with rollup order by s, 2
select s, sum(x), sumIf(x, x > 0), avg(x), sum(x) / count() from p group by s order by s
select quantile(0.5)(x), any(x), anyLast(x), argMin(s, x) from p
select id, coalesce(x, id), ifNull(x, -1), x is null, isNotNull(x), nullIf(x, 5) from p order by id
select id, if(x > 0, 'pos', if(x is null, 'none', 'neg')) from p order by id
select id, x + y, x * y, y / 2, toString(y), y > 2 from p join q using id order by id
select p.id, q.id from p cross join q where p.id < q.id order by 1, 2
select p.id, q.id from p, q where p.id + 1 = q.id order by 1
select a.id, b.id, c.id from p a join p b on a.id = b.id left join q c on c.id = b.id order by a.id
select a.s, count() from p a join p b on a.s = b.s group by a.s order by a.s
select * from p semi join q on p.id = q.id order by p.id
select id from p anti left join q on p.id = q.id order by id
select upper(s) as s, id from p where s = 'A' order by id
select upper(s) as z, count() from p where z = 'A' group by z
select id as x, x as y2 from p order by id
select id + 1 as id from p order by id desc
select id % 2 as parity, max(id) from p group by parity having parity = 1
select sum(id) as id from p having id > 1
select p.*, 1 as one from p order by id limit 1
select p.id as a, q.* from p join q on p.id = q.id order by a
select columns('^(id|s)$') from p order by id
select * replace (id * 10 as id) from p order by id
select count(*), count(1), count(id), count(x) from p
select uniq(s), uniqExact(x), count(distinct s, x) from p
select arrayJoin([id, id * 10]) z, s from p order by z
select s, arraySort(groupArray(id)) ids, arrayMap(i -> i * 2, ids) from p group by s order by s
select s, e, row_number() over (order by e) from (select s, groupArray(id) ids from p group by s) array join ids as e order by e
select s, e, n from (select s, groupArray(id) ids from p group by s) array join ids as e, arrayEnumerate(ids) as n order by e
select s, e from (select s, groupArray(x) xs from p group by s) left array join xs as e order by s, e
alter table p update x = (select max(x) from q), s = 'z' where id in (select id from q where y > 2) settings mutations_sync = 1
select * from p order by id
alter table p update x = if(id = 1, NULL, x + 1) where 1 settings mutations_sync = 1
select * from p order by id
insert into q with m as (select max(id) as id from q) select id + 1, 0.5, 1 from m
insert into q select id + 100, toDecimal64(id, 2) / 3, ifNull(x, 0) from p
select * from q order by id
create view pv as select s, sum(id) as total, groupArray(id) as ids from p group by s
select * from pv order by s
select v.s, total, e from pv v array join ids as e order by e
select s, total, rank() over (order by total desc) from pv order by s
create view nested as select s, total from pv where total > (select min(total) from pv)
select * from nested
select (select count() from nested) + (select count() from pv)
select * from pv join nested using s
drop view nested
select name, type from system.columns where table = 'p' and database = currentDatabase() order by position
select name, total_rows from system.tables where name in ('p', 'q') and database = currentDatabase() order by name
describe (select id, x, s from p)
select number, (select number) from numbers(2)
select n.number, count(p.id) from numbers(4) n left join p on p.id = n.number group by n.number order by n.number
select toInt64(number) - 2 as v, abs(v), v * v, v between -1 and 1 from numbers(4) order by v
select 'a' < 'b', 'a' = 'a ', '' = ' ', 'É' > 'e', concat('a', toString(NULL))
select toTypeName(if(1, 1, NULL)), toTypeName(if(1, 'a', NULL)), toTypeName(coalesce(NULL, 1)), toTypeName(ifNull(toNullable(1), 2))
select avg(x), avg(toDecimal64(x, 2)) from (select arrayJoin([1, 2, 4]) x)
select min(s), max(s), min([x]), max((x, s)) from (select arrayJoin([3, 1]) x, toString(x) s)
select x, y, sum(x * y) over (partition by y % 2 order by x rows between 1 preceding and 1 following) from (select number x, number * 3 y from numbers(5)) order by x
select x, sum(x) over (order by x range between 1 preceding and 1 following) from (select arrayJoin([1, 2, 2, 5]) x) order by x
select x, count() over (order by x groups between 1 preceding and current row) from (select arrayJoin([1, 2, 2, 5]) x) order by x
select nth_value(x, 2) over (order by x rows between unbounded preceding and unbounded following) from (select arrayJoin([1, 2, 3]) x)
select x, first_value(x) over w f, last_value(x) over w l from (select arrayJoin([1, 2, 3]) x) window w as (order by x desc) order by x
