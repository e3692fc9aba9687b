drop table employee_leave_balance;
drop table leaves;
drop table leave_types;
