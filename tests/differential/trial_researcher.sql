create table big (id UInt32, g UInt16, v Float64, d Decimal(12,3), s String, n Nullable(Int32), e Enum8('x'=1,'y'=2), day Date) engine = MergeTree order by id
insert into big select number, number % 1000, (number * 7919 % 100003) / 7, toDecimal64(number % 977, 3) / 3, concat('k', toString(number % 5000)), if(number % 11 = 0, NULL, toInt32(number % 100) - 50), if(number % 3 = 0, 'x', 'y'), toDate('2020-01-01') + number % 1500 from numbers(100000)
create table dim (g UInt16, name String, w Nullable(Float64)) engine = MergeTree order by g
insert into dim select number * 2, concat('g', toString(number)), if(number % 5 = 0, NULL, number / 3) from numbers(600)
select count(), sum(b.v), count(dim.w) from big b left join dim on b.g = dim.g settings join_use_nulls = 1
select dim.name, sum(b.d) as t, count() from big b join dim using g group by dim.name order by t desc, dim.name limit 5
select g, id, v, row_number() over (partition by g order by v desc, id) rn from big qualify rn = 1 order by g limit 5
select sum(r) from (select rank() over (partition by s order by v) r from big)
select sum(x) from (select sum(n) over (partition by g order by id rows between 3 preceding and 3 following) x from big)
select count() from big where v > (select avg(v) from big)
select count() from big b where v > (select avg(v) from big c where c.g = b.g)
select count() from big b where exists (select 1 from dim where dim.g = b.g and dim.w > 100)
select count() from big b where not exists (select 1 from dim where dim.g = b.g)
select count() from big where s in (select s from big where n = 7) and g not in (select g from dim)
select e, toYear(day) y, count(), sum(d), avg(n), min(s), uniqExact(s) from big group by e, y with rollup order by e, y, 3
select toStartOfMonth(day) m, sum(v) s, s - lag(s) over (order by m) diff from big group by m order by m limit 4
select a.g, count() from big a join big b on a.id + 1 = b.id and a.e = b.e group by a.g order by a.g limit 3
select s, groupArray(g)[1], quantileExact(0.9)(v) from big group by s order by s limit 3
select count() from (select distinct g, e from big)
select count() from (select g from big intersect select g from dim)
select count() from (select g from dim except select g from big)
with top as (select g, sum(v) sv from big group by g order by sv desc limit 10) select b.e, count() from big b join top on b.g = top.g group by b.e order by b.e
select g, max(v) - min(v) spread from big group by g having spread > (select quantileExact(0.99)(v) from big) order by g limit 3
select arrayJoin([1, 2]) x, count(), sum(v) from big group by x order by x
select count() from big a, dim b where a.g = b.g and b.w between 10 and 20
select day, sum(d) over (order by day range between 7 preceding and current row) from (select day, sum(d) d from big group by day) order by day limit 3
select s, count() c from big group by s order by c desc, s limit 3
select * except (s, day) from big order by v desc, id limit 3
select g % 10 k, e, count() from big group by cube(k, e) order by k, e, 3 limit 5
select id from big order by n nulls first, id desc limit 3
select n, count() from big group by n order by n nulls last limit 3 offset 95
select sum(cityHash64(s)) from big
select max(length(s)), any(lower(s)) from big where s like '%99'
select count() from big where toString(d) like '1%' and match(s, '^k1[0-9]+$')
alter table big update v = 0 where g in (select g from dim where w is null) settings mutations_sync = 1
select count(), sum(v) from big where v = 0
alter table big update n = (select max(n) from big), s = concat(s, '!') where id % 1000 = 0 settings mutations_sync = 1
select sum(n), countIf(s like '%!') from big
insert into dim with m as (select max(g) as mg from dim) select mg + 1, 'new', NULL from m
select * from dim order by g desc limit 1
select count() from big b full join dim d on b.g = d.g and b.e = 'x'
select count(), sum(id), sum(w) from big b right join dim d on b.g = d.g settings join_use_nulls = 1
select b.id, d.name from big b any left join dim d on b.g = d.g where b.id < 3 order by b.id
select count() from big b left semi join dim d on b.g = d.g
select name from dim d left anti join big b on d.g = b.g order by name limit 2
select g, sum(sum(v)) over (order by g rows unbounded preceding) c from big group by g order by g limit 3
select t.g, t.c, dim.name from (select g, count() c from big group by g) t left join dim on t.g = dim.g order by t.g limit 3
select avg(c) from (select s, count() c from big group by s having c > 1)
select topK(2)(e), groupUniqArray(e) from big where id < 3
select countDistinct(s) from big
