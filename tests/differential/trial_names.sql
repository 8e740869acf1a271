create table t (a UInt8, b String) engine = Memory
insert into t values (1, 'x'), (2, 'y')
select a from t x join t y on x.a = y.a join t z on z.a = y.a
select a from t x join t y on x.a = y.a + 1 join t z on z.a = y.a
select b from t x join t y on x.a = y.a join t z on z.a = y.a
select a from t x, t y, t z
select a from t x, t y, t z where x.a = y.a and y.a = z.a
create table t2 (a UInt8, c String) engine = Memory
create table t3 (a UInt8, c String) engine = Memory
select a from t x join t2 y on x.a = y.a join t3 z on z.a = y.a
select c from t x join t2 y on x.a = y.a join t3 z on z.a = y.a
select a from t join t2 on t.a = t2.a left join t3 on t3.a = t2.a
select a from t left join t2 on t.a = t2.a left join t3 on t3.a = t2.a
