import type { Random } from './random.ts'

export type Gender = 'female' | 'male' | 'non_binary'

export interface PersonName {
  first: string
  last: string
  gender: Gender
  /** Latin spelling for the e-mail address, where it cannot be derived. */
  latin?: string
}

const words = (text: string) => text.trim().split(/\s+/)

const FEMALE = words(`
  Aadhya Aditi Aishwarya Amrita Ananya Anjali Archana Asha Bhavana Charlotte Deepika Divya Emma Esha Fatima Gayatri Harini
  Ishita Jasleen Kavita Kavya Lakshmi Madhuri Mariam Meera Nandini Neha Nisha Olivia Pallavi Pooja Priya Radhika Revathi
  Riya Ruchi Sakshi Sara Shalini Shreya Sneha Sofia Sunita Swati Tanvi Trisha Uma Vaishnavi Vidya Yamini Zainab`)
const MALE = words(`
  Aarav Abhishek Aditya Ajay Akash Amit Anil Arjun Arun Ashwin Daniel Deepak Dev Farhan Ganesh Gaurav Harish Imran Ishaan
  Jatin Karan Karthik Kunal Lucas Manish Mohammed Mohit Naveen Nikhil Oliver Omkar Pranav Rahul Rajesh Ravi Rohan Sachin
  Samuel Sandeep Sanjay Siddharth Sunil Suresh Tarun Thomas Varun Vijay Vikram Vinod Vivek Yash`)
const LAST = words(`
  Agarwal Ahmed Banerjee Bhat Bose Chatterjee Chauhan Chopra Das Desai Deshmukh Fernandes Fischer Ghosh Gill Gowda Gupta
  Hegde Iyengar Iyer Jain Jones Joshi Kapoor Kaur Khan Kulkarni Kumar Malhotra Mehta Menon Mishra Mukherjee Nair Naidu
  Pandey Patel Patil Pillai Qureshi Rangan Rao Reddy Saxena Sengupta Sharma Shetty Shinde Siddiqui Singh Sinha Smith
  Srinivasan Subramanian Tiwari Trivedi Varma Verma Williams Yadav`)

/** Names that forms, columns and sort orders must survive. */
const UNUSUAL: PersonName[] = [
  { first: 'Venkata Satya Subrahmanya Lakshmi', last: 'Narasimharajuvaripalem-Gopalakrishnan', gender: 'male' },
  { first: 'Zoë', last: 'D’Souza-O’Connor', gender: 'female' },
  { first: 'Łukasz', last: 'Wiśniewski', gender: 'male' },
  { first: 'Nguyễn Thị', last: 'Minh Khai', gender: 'female' },
  { first: 'François-Xavier', last: 'Lefèbvre', gender: 'male' },
  { first: 'अनन्या', last: 'त्रिपाठी', gender: 'female', latin: 'ananya.tripathi' },
  { first: 'José María', last: 'Núñez y Peña', gender: 'male' },
  { first: '晓明', last: '欧阳', gender: 'non_binary', latin: 'xiaoming.ouyang' },
  { first: 'Sæunn', last: 'Þórðardóttir', gender: 'female' },
  { first: 'Ada', last: 'Li', gender: 'female' },
]
/** Small organizations have ordinary names only. */
const UNUSUAL_FROM = 40
const UNUSUAL_EVERY = 13

/** `count` different people; every thirteenth of a large organization has an unusual name. */
export function peopleNames(random: Random, count: number): PersonName[] {
  const names: PersonName[] = []
  const seen = new Set<string>()
  while (names.length < count) {
    const position = names.length
    const unusual =
      position % UNUSUAL_EVERY === UNUSUAL_EVERY - 1 ? UNUSUAL[Math.floor(position / UNUSUAL_EVERY)] : undefined
    const name = count >= UNUSUAL_FROM && unusual ? unusual : ordinaryName(random)
    const key = `${name.first} ${name.last}`
    // Beyond the number of combinations namesakes are accepted, as in life; their addresses get numbers.
    if (seen.has(key) && seen.size < (FEMALE.length + MALE.length) * LAST.length * 0.5) continue
    seen.add(key)
    names.push(name)
  }
  return names
}

function ordinaryName(random: Random): PersonName {
  const gender = random.chance(48) ? 'female' : 'male'
  return { first: random.pick(gender === 'female' ? FEMALE : MALE), last: random.pick(LAST), gender }
}

const LATIN: Record<string, string> = { ł: 'l', ø: 'o', æ: 'ae', đ: 'd', ð: 'd', þ: 'th', ß: 'ss' }

/** first.last in plain letters, made unique by a number; at most 64 characters, the limit of a local part. */
export function mailName(name: PersonName, taken: Set<string>): string {
  const plain = (text: string) =>
    text
      .toLowerCase()
      .normalize('NFD')
      .replace(/[łøæđðþß]/g, letter => LATIN[letter] ?? letter)
      .replace(/[^a-z]/g, '')
  const base = (name.latin ?? `${plain(name.first)}.${plain(name.last)}`).slice(0, 58)
  let candidate = base
  for (let number = 2; taken.has(candidate); number++) candidate = `${base}${number}`
  taken.add(candidate)
  return candidate
}
