create table t (a UInt8, b String, d Date) engine = Memory
insert into t values (1, 'x', '2024-01-01'), (2, 'y', '2024-01-02')
selct 1
select * form t
select a, from t
select a b c from t
select from t
select * from
select * from t where
select * from t group by
select a from t group by b
select a, count() from t
select sum(a) from t where sum(a) > 1
select a from t having a > 1
select max(min(a)) from t
select a from t order by zz
select zz from t
select t.zz from t
select u.a from t
select a from tt
select a from nodb.t
select nofunc(a) from t
select sum(a, b) from t
select sum() from t
select length() from t
select length(a) from t
select a + b from t
select a and b from t
select b + 1 from t
select d + b from t
select d > 'notadate' from t
select a = 'x' from t
select a in ('x') from t
select * from t where b
select * from t where a = (select a from t)
select * from t where a in (select a, b from t)
select (select a, b from t limit 1)
select * from t union all select 1
select * from t union select * from t
select 1 as x, 2 as x, x
select a from t limit 'x'
select a from t limit a
select a from t limit -1.5
select a from t offset
select * from t join t on a = a
select * from t x join t y on x.a = y.b
select * from t x join t y using (zz)
select * from t x join t y
select * from t x, t y where a = 1
select a from t x join t y on x.a = y.a join t z on z.a = y.a where a = 1
select cast(a as Nope) from t
select cast('x' as UInt8)
select toDate('2024-13-45')
select toDecimal32('abc', 2)
select toDecimal32(1e20, 2)
select 1 / 'a'
select [1, 'a']
select [1, 2][0], [1][5]
select map('a')
select tuple(1, 2).3
select (1, 2).x
select arrayMap(x -> y, [1])
select arrayMap((x, y) -> x, [1])
select arrayMap(1, [1])
select x -> x
select * from numbers('a')
select * from nofunction(1)
select rank() from t
select rank() over () from t where rank() over () = 1
select sum(rank() over ()) over () from t
select lag(a, b) over (order by a) from t
select sum(a) over (order by b range between 1 preceding and current row) from t
select sum(a) over (rows between 1 following and 1 preceding) from t
select sum(a) over w from t
insert into t values ('x', 'y', 'z')
insert into t (a, zz) values (1, 2)
insert into t select 1
insert into nope values (1)
create table t (a UInt8) engine = Memory
create table u (a Nope) engine = Memory
create table u (a UInt8, a UInt8) engine = Memory
create table u (a UInt8) engine = Nope
create table u (a UInt8) engine = MergeTree
create view v as select zz from t
drop table nope
drop view t
alter table t drop column zz
alter table t update a = 1 where zz = 1
alter table t add column a UInt8
truncate table nope
use nope
set nosetting = 1
select 'unterminated
select (1
select 1)
select "a" from t
select `zz` from t
select 'a' 'b'
select $1
select @x
select a.b.c.d from t
select distinct distinct a from t
select a from t where a == 1 && a = 2
select !a from t
select a <> 1, a != 1, a <=> 1 from t
select if(a) from t
select case a when 1 then 2 from t
select case when 1 then 2 end, case a when 1 then 'x' else 2 end from t
select between 1 and 2
select a between 1 from t
select a not null from t
select a is not from t
select exists(1)
select * from (select 1
select * from (values 1, 2)
select date '2024-99-01'
select interval 1 foo
select {p:UInt8}
select {p:Nope}
with x as (select 1) select * from y
with recursive x as (select 1 union all select x from x) select * from x
with recursive r as (select 1 as n union all select n + 1 from r) select max(n) from r
select a from t group by 3
select a from t order by 3
select count() from t group by a order by b
select b from t group by rollup(a)
select grouping(a) from t
select a from t qualify a > 1
select toTypeName(a, b) from t
select now(1, 2, 3)
select round('x')
select sum(b) from t
select avg(d) from t
select quantile(2)(a) from t
select quantile('x')(a) from t
select topK(0)(a) from t
select groupArray(-1)(a) from t
select countIf(b) from t
select uniqExactIf(a) from t
select nosuchIf(a, 1) from t
select dateDiff('eon', d, d) from t
select formatDateTime(d, '%Q') from t
select splitByChar('ab', b) from t
select repeat('x', 1000000000)
select range(1000000000)
select * from t settings nosuch = 1
show tables from nope
describe nope
explain select zz from t
exists table nope
