create table sales (id UInt32, city String, day Date, amount Decimal(10,2), qty Int16, kind Enum8('a'=1,'b'=2,'c'=-3), note Nullable(String), tags Array(String), m Map(String, UInt8)) engine = MergeTree order by id
insert into sales select number, ['Rome','Oslo','Bern'][number % 3 + 1], toDate('2024-01-01') + number % 40, toDecimal64(number * 1.25, 2), number % 7 - 3, ['a','b','c'][number % 3 + 1], if(number % 4 = 0, NULL, toString(number % 5)), arrayMap(x -> concat('t', toString(x)), range(number % 4)), map('k', number % 3, 'z', 1) from numbers(60)
create table shops (city String, open Date, boss Nullable(String)) engine = MergeTree order by city
insert into shops values ('Rome', '2020-01-01', 'Ada'), ('Oslo', '2021-05-05', NULL), ('Kyiv', '2022-02-02', 'Bob')
create view v as with recursive r as (select 1 as n union all select n + 1 from r where n < 5) select n, city, sum(qty) over (partition by s.city order by n) as w from r join shops s on s.city != 'Kyiv'
select * from v order by n, city
select n, max(w) over (order by n desc rows 1 preceding) from v where city = 'Rome' order by n
select city, sum(amount) s from sales group by city with totals having s > (select avg(amount) from sales) order by city
select city, count() c from sales group by city with totals having city in (select city from shops) order by city
select kind, sum(amount), avg(amount), min(kind), max(kind) from sales group by kind order by kind
select kind, count() from sales where kind = 'a' or kind > 'b' group by kind order by kind desc
select kind, row_number() over (partition by kind order by amount desc) r, lag(amount) over (partition by kind order by id) l from sales where id < 10 order by id
select id, tag, count() over (partition by tag) from sales array join tags as tag where id < 12 order by id, tag
select tag, sum(amount) over (partition by tag order by id rows between 1 preceding and current row) from sales array join tags as tag where id < 12 order by tag, id
select id, k, v from sales array join mapKeys(m) as k, mapValues(m) as v where id < 3 order by id, k
select id, x.1, x.2 from sales array join m as x where id < 3 order by id, 2
select city, amount from sales full join shops using (city) where id < 3 or open > '2022-01-01' order by city, amount settings join_use_nulls = 1
select city, id, boss, toTypeName(id), toTypeName(boss) from sales full join shops using city where id < 4 order by city, id settings join_use_nulls = 1
select city, id, boss from sales full join shops using city where id < 4 order by city, id
select id from sales s where exists (select 1 from shops where shops.city = s.city and boss is not null) and id < 10 order by id
select id from sales s where amount > (select avg(amount) from sales where kind = s.kind) and id < 45 order by id
select city, count() from sales where (city, kind) in (select city, 'a' from shops) group by city order by city
select id, note from sales where id < 10 order by note nulls first, id
select id, first_value(note) over (order by note nulls first, id) from sales where id < 6 order by id
select id, rank() over (order by note desc nulls last) from sales where id < 10 order by id
select id, dense_rank() over (order by note asc nulls first) from sales where id < 10 order by id
select 1 as x union all select toNullable(2) union all select -1 order by x
select toTypeName(x) from (select 1 as x union all select 1.5) limit 1
select toTypeName(x) from (select toDecimal32(1, 2) as x union all select toDecimal64(1, 4)) limit 1
select amount from sales intersect select toDecimal64(2.5, 2) order by 1
select kind from sales except select 'a' order by 1
select kind from sales where id < 3 union distinct select CAST('b', 'Enum8(''a''=1,''b''=2,''c''=-3)') order by 1
select 0.0 as z union distinct select materialize(-0.0)
select distinct x from (select arrayJoin([0.0, -0.0]) as x)
select x, count() from (select arrayJoin([0.0, -0.0]) as x) group by x
select uniqExact(x), count(distinct x) from (select arrayJoin([0.0, -0.0]) as x)
select nan as x union distinct select nan
select x, count() from (select nan as x union all select nan union all select 1) group by x order by x
select number % 2 as a, count() from numbers(5) group by a with totals having a in (select 1) order by a
select number % 3 as a, arrayJoin([1,2]) as x, count() from numbers(6) group by a, x with totals having x = 1 order by a
select number % 3 as a, count() as c from numbers(6) group by a with totals having c > (select 1) order by a
select cast(null as signed)
select toTypeName(cast(1 as signed)), cast('-5' as signed), cast(3.7 as unsigned)
select cast(null as Nullable(Int8)), cast(null as Int8)
select sum(s.x) from (select 1 as x) s where s.x = (select max(x))
select (select sum(number) from numbers(3)) + (select max(number) from numbers(4))
select sum((select 1)) from numbers(3)
select number, (select max(number)) from numbers(3)
select city, quantile(0.5)(qty), median(amount), uniq(kind), groupArray(kind) from sales where id < 9 group by city order by city
select toStartOfMonth(day) m1, sum(amount) over (partition by toStartOfMonth(day)) from sales where id in (0, 35, 39) order by id
select city, day, amount - lag(amount, 1, toDecimal64(0, 2)) over (partition by city order by day, id) d from sales where id < 12 order by city, day, d
select sum(sum(amount)) over () from sales group by city
select city, sum(amount) as s, rank() over (order by s desc) as r from sales group by city qualify r <= 2 order by r
select city, sum(amount) / sum(sum(amount)) over () from sales group by city order by city
select kind, countIf(note is null), sumIf(amount, qty > 0) from sales group by kind order by kind
select kind, note, count() from sales where id < 20 group by rollup(kind, note) order by kind, note, 3
select city, kind, sum(amount) from sales group by cube(city, kind) order by city, kind, 3
select city from sales group by city having sum(amount) > 500 order by sum(amount) desc
select distinct kind, city from sales order by kind, city limit 1 by kind
select id, amount from sales order by amount desc limit 2 with ties
select id % 10 as g, max(amount) from sales group by g order by g limit 3 offset 2
select s.id, t.id from sales s join sales t on s.id + 1 = t.id and s.city != t.city where s.id < 5 order by s.id
select s.city, t.boss from (select distinct city from sales) s left join shops t on s.city = t.city order by 1
select s.city, t.boss from (select distinct city from sales) s left join shops t on s.city = t.city order by 1 settings join_use_nulls=1
select city from shops where city not in (select city from sales) order by city
select city from shops semi left join sales using city order by city
select city from shops left anti join sales using city order by city
select city from shops left semi join sales using city order by city
select * from shops order by boss nulls first
select a.city, b.city from shops a, shops b where a.city < b.city order by 1, 2
select a.city, count() from shops a join shops b on a.city >= b.city group by a.city order by 1
select id from sales where note in ('1', NULL) and id < 10 order by id
select id from sales where note not in ('1', NULL) and id < 10 order by id
select note, count() from sales group by note order by note nulls first
select if(note = '1', kind, 'zz') from sales where id < 6 order by id
select id, multiIf(kind = 'a', 1, kind = 'b', 2.5, 3) from sales where id < 4 order by id
select id, case kind when 'a' then 'first' when 'b' then 'second' end from sales where id < 4 order by id
select id, coalesce(note, city) from sales where id < 4 order by id
select toString(kind) || '-' || city from sales where id < 3 order by id
select kind + 1 from sales where id < 3
select cast(kind as Int8), toInt8(kind) from sales where id < 3 order by id
select amount = 1.25, amount in (1.25, 2.5), amount between 1 and 2 from sales where id < 4 order by id
select amount::String, toFloat64(amount), round(amount, 1), floor(amount) from sales where id < 4 order by id
select sum(amount * qty), toTypeName(sum(amount * qty)) from sales
select max(day) - min(day), dateDiff('month', min(day), max(day)) from sales
select toYYYYMM(day) ym, count() from sales group by ym order by ym
select day + interval qty day from sales where id < 4 order by id
select tags[1], length(tags), has(tags, 't1'), arrayStringConcat(tags, ',') from sales where id < 5 order by id
select m['k'], mapKeys(m), mapContains(m, 'z') from sales where id < 3 order by id
select arrayMap(t -> concat(t, city), tags) from sales where id < 4 order by id
select arrayFilter((t, i) -> i % 2 = 1, tags, arrayEnumerate(tags)) from sales where id < 4 order by id
select groupArray(tags) from sales where id < 4
select arrayDistinct(arrayFlatten(groupArray(tags))) from sales
select arraySort(groupUniqArrayArray(tags)) from sales
select tag, uniqExact(id) from sales left array join tags as tag group by tag order by tag
alter table sales update amount = amount + 1 where city = 'Rome' settings mutations_sync = 1
select sum(amount) from sales
alter table sales update qty = 0 where id in (select max(id) from sales) settings mutations_sync = 1
select qty from sales where id = 59
alter table sales delete where kind = 'c' settings mutations_sync = 1
select count(), sum(qty) from sales
insert into shops with x as (select 'Lima' as city, toDate('2023-03-03') as open, NULL as boss) select * from x
insert into shops select concat(city, '2'), open + 1, boss from shops where boss is not null
select * from shops order by city
create view big as select city, sum(amount) as total from sales group by city
select b.city, total, boss from big b left join shops s on b.city = s.city order by b.city
select * from (select city, total, row_number() over (order by total desc) as r from big) where r = 1
select name from system.tables where database = currentDatabase() order by name
create view st as select name, engine from system.tables where database = currentDatabase()
select name from st where name like 's%' order by name
select * except (tags, m) replace (toString(day) as day) from sales where id < 2 order by id
with (select max(amount) from sales) as top select id, top - amount from sales where id < 4 order by id
with t as (select city, count() c from sales group by city), u as (select max(c) mc from t) select city from t, u where c = mc order by city
with t as (select 1 as a) select * from t union all select a + 1 from t order by a
select t1.a, t2.a from (select 1 a) t1, (select 2 a) t2, (select 3 a) t3
select * from (select 1 a) t1 join (select 1 a, 2 b) t2 using a join (select 1 a, 3 c) t3 using a
select a from (select 1 a) t1 join (select 1 a) t2 on t1.a = t2.a
select t1.* from (select 1 a) t1 join (select 1 a, 5 z) t2 on t1.a = t2.a
