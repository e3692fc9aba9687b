drop table payroll;
drop table employee_salaries;
drop table salary_structures;
