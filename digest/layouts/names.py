"""Given and family names that are common among authors, and the syllables of Chinese and Korean given names."""

from __future__ import annotations

import re

_FAMILY_NAMES = """
    Abe Adams Adeyemi Agarwal Agrawal Ahmadi Ahmed Ahn Ali Allen Almeida Alves An Andersen Anderson Andersson Bae
    Baek Bai Bailey Baker Bakker Banerjee Bao Bauer Becker Bell Bennett Bernard Bertrand Bhattacharya Bi Bian Bianchi
    Bo Bonnet Bose Braun Brooks Brown Bruno Bui Byun Cai Campbell Cao Carter Carvalho Cha Chai Chakraborty Chan Chang
    Chatterjee Che Chen Cheng Cheung Chi Chiu Cho Choi Chou Chu Chun Chung Clark Cohen Cole Collins Colombo Cong
    Conti Cook Cooper Costa Cox Cruz Cui Dai Dang Das David Davis Demir Deng Desai Diaz Ding Dinh Do Doan Dong Dou Du
    Duan Dubois Duong Durand Dutta Díaz Edwards Eom Eriksson Esposito Evans Fan Fang Feng Fernandez Fernández Ferrari
    Ferreira Fischer Fisher Flores Ford Foster Fournier Fox Friedman Fujita Fung Gallo Gao Garcia García Ge Ghosh
    Gill Girard Goldberg Gomes Gomez Gonzalez González Gordon Goto Graham Gray Greco Green Gu Guo Gupta Gutierrez
    Gómez Ha Haddad Hamilton Han Hansen Hao Harada Harris Hartmann Hasan Hasegawa Hashimoto Hassan Hayashi He Heo
    Hernandez Hernández Hill Ho Hoang Hoffmann Hofmann Hong Horvat Hossain Hosseini Hou Howard Hsieh Hsu Hu Huang
    Hughes Hunter Hussain Huynh Hwang Ibrahim Ikeda Inoue Iqbal Ishii Ishikawa Islam Ito Ivanov Iyer Jackson Jain
    James Jang Jansen Jensen Jeon Jeong Jia Jiang Jin Johansen Johansson Johnson Jones Joo Jordan Joshi Jung Kang
    Karimi Karlsson Kato Katz Kaur Kaya Ke Kelly Khan Kim Kimura King Klein Kobayashi Koch Kondo Kong Koo Kook
    Korhonen Kowalski Krause Krishnan Krüger Kuang Kumar Kuo Kuznetsov Kwak Kwok Kwon Köhler Lai Lam Lan Lange Larsen
    Larsson Lau Laurent Le Lee Lefebvre Lehmann Lei Leroy Leung Levy Lewis Li Lian Liang Liao Lim Lima Lin Lindberg
    Ling Liu Long Lopes Lopez Lou Lu Luo Lv López Ma Maier Malik Mancini Mao Marino Martin Martinez Martínez
    Matsumoto Mehta Mei Mendes Meng Menon Mensah Meyer Miao Michel Miller Min Mishra Mitchell Mizrahi Mo Mohamed
    Mohammadi Moon Moore Moradi Morales Moreau Morel Moretti Morgan Mori Morris Mu Mukherjee Mulder Muller Murphy
    Myers Müller Nagy Nair Nakamura Nam Nelson Neumann Ng Ngo Nguyen Nie Nielsen Nilsson Ning Niu Noh Novak Nowak
    Ogawa Oh Okada Okafor Okonkwo Oliveira Olsen Ortiz Osman Owens Pan Pandey Pang Papadopoulos Park Parker Patel
    Pedersen Pei Peng Pereira Perez Peterson Petrov Pham Phan Phillips Popov Price Pu Pérez Qi Qian Qin Qiu Qu Quan
    Rahman Rajan Raman Ramirez Rao Reddy Reed Ren Reynolds Rezaei Ribeiro Ricci Rice Richardson Richter Rivera Rizzo
    Roberts Robertson Robinson Rocha Rodriguez Rodríguez Rogers Romano Rong Rossi Roux Roy Ruan Russell Russo Ryu
    Saha Saito Sanchez Santos Sasaki Sato Schmidt Schneider Schröder Schulz Schwarz Schäfer Scott Sen Seo Sha Shah
    Shang Shao Sharma Shaw Shen Sheng Shi Shim Shimizu Shin Si Silva Simon Singh Sinha Smirnov Smit Smith Sohn Son
    Song Souza Srinivasan Stewart Su Subramanian Sullivan Sun Suzuki Svensson Szabo Sánchez Takahashi Tan Tanaka Tang
    Tao Taylor Teng Thomas Thompson Tian Tiwari Tong Torres Tran Trinh Truong Tu Turner Um Verma Virtanen Visser Vo
    Vu Wagner Walker Wallace Wan Wang Ward Watanabe Watson Weber Wei Wen Weng Werner West White Williams Wilson Wolf
    Wong Wood Wright Wu Xia Xiang Xiao Xie Xin Xing Xiong Xu Xuan Xue Yadav Yamada Yamamoto Yan Yang Yao Ye Yeh
    Yilmaz Yim Yin Yip Yoo Yoon Yoshida Young Yu Yuan Yue Yun Zeng Zha Zhai Zhan Zhang Zhao Zhen Zheng Zhong Zhou Zhu
    Zhuang Zhuo Zimmermann Zong Zou Zuo Öztürk
"""
FAMILY_NAMES = frozenset(_FAMILY_NAMES.split())
_GIVEN_NAMES = """
    Aaron Abdul Abdullah Abhishek Abigail Ada Adam Adela Aditya Adrian Ahmad Ahmed Ahmet Akash Akira Alan Albert
    Alberto Alejandro Alessandro Alex Alexander Alexandre Alexei Alexey Alexis Ali Alice Amanda Amber Amina Amir Amit
    Amos Amy Ananya Anders Andrea Andreas Andrei Andres Andrew Andrey Andrés Angela Anh Anil Anirudh Ankit Ann Anna
    Anthony Antoine Anton Antonio Arash Aravind Arjun Artem Arthur Arun Ashish Ashley Austin Avi Ayse Bao Barbara
    Bart Bas Ben Benjamin Benoit Bernhard Betty Beverly Billy Björn Bobby Brandon Brenda Brian Brittany Bruce Bruno
    Bryan Burak Can Carl Carlos Carol Carolyn Catherine Charles Charlotte Cheryl Chiara Chidi Chris Christian
    Christina Christine Christoph Christopher Clara Claudia Clement Clément Cong Cynthia Daan Daiki Daisuke Dan Dana
    Daniel Danielle David Davide Deborah Deepak Denise Dennis Diana Diane Diego Dieter Divya Dmitry Donald Donna
    Doris Dorothy Douglas Duc Dung Dylan Eduardo Edward Ekaterina Elena Elia Elijah Elizabeth Emeka Emily Emma Emre
    Eric Erik Ethan Etienne Eugene Eva Evelyn Evgeny Eyal Fabian Fabio Farhan Fatima Federica Felipe Felix Fernando
    Florian Frances Francesca Francesco Francois Frank François Gabriel Gal Gary Gaurav Geoffrey George Gerald Gilles
    Giovanni Giulia Giuseppe Gloria Grace Gregory Guillaume Gustavo Guy Hai Hamid Hannah Hans Harold Harsh Haruki
    Hassan Heather Helen Henrik Henry Hervé Hideki Hieu Hiroshi Hossein Hugo Hung Hussein Huy Ian Ibrahim Ido Igor
    Ilya Imran Irene Irina Isabella Itay Ivan Jack Jacob Jacqueline Jakob Jakub James Jan Janet Janice Jason Javier
    Jean Jeffrey Jennifer Jens Jeremy Jeroen Jerry Jesse Jessica Joan Joao Joe Johan Johannes John Johnny Jonas
    Jonathan Joost Jordan Jorge Jose Joseph Josh Joshua Joyce João Juan Judith Judy Julia Julian Julie Julien Justin
    Jörg Jürgen Karan Karen Karl Karthik Katherine Kathleen Kathryn Kavita Kayla Kazuki Keith Kelly Kenji Kenneth
    Kenta Kevin Khaled Khanh Khoa Kimberly Klaus Kofi Koji Konstantin Krishna Kristian Krzysztof Kunal Kwame Kyle
    Lakshmi Larry Lars Laura Lauren Laurent Lawrence Lena Leo Linda Linh Lisa Logan Long Lorenzo Louis Luca Lucas
    Luis Lukas Luke Léo Maarten Madison Magnus Mahesh Mahmoud Makoto Maksim Manish Manuel Marcin Marco Marcus Marek
    Margaret Maria Marie Marilyn Marius Mark Markus Martha Martin Mary Maryam Masashi Massimiliano Massimo Mathieu
    Matt Matteo Matthew Matthias Matthieu Max Maxime Md Megan Mehdi Mehmet Melissa Michael Michal Michelle Miguel
    Mikael Mike Mikhail Minh Mohamed Mohammad Mohammed Mohd Mohit Monica Moreno Moritz Morten Muhammad Murat Mustafa
    Nadav Nam Nancy Naoki Natalia Natalie Nathan Navid Neha Neil Ngoc Ngozi Nicholas Nick Nicola Nicolas Nicole Nicu
    Niels Nikhil Nikita Nikolai Nils Nina Nitin Noah Noam Ofir Ole Oleg Olga Oliver Olivia Olivier Omar Omer Or Oscar
    Pablo Pamela Paola Paolo Patricia Patrick Paul Pavel Pawel Pedro Peter Petr Philip Philipp Philippe Phuong Pierre
    Pieter Pietro Piotr Pooja Pradeep Prakash Pranav Prashant Priya Quang Quoc Rachel Rafael Rahul Raj Rajesh Ralf
    Ralph Ramesh Ramon Randy Raul Ravi Raymond Rebecca Reza Ricardo Riccardo Richard Robert Roberto Rodrigo Roger
    Rohan Rohit Romain Roman Ronald Roy Ruben Russell Ruth Ryan Ryo Ryota Sachin Saeed Sai Sam Samantha Samuel
    Sandeep Sander Sandra Sanjay Sara Sarah Satoshi Saurabh Scott Sean Sebastian Sebastien Sergey Sergio Shai Sharon
    Shin Shirley Shiva Shivam Sho Shota Shreya Shunsuke Siddharth Silvia Simon Sneha Sofia Son Sophia Srinivas Stefan
    Stefano Stephanie Stephen Steven Sumit Sunil Sunita Suresh Susan Swati Sébastien Takashi Takeshi Takuya Tal
    Tanmay Tanvir Taro Tatiana Teresa Terry Thanh Theresa Thi Thiago Thibault Thomas Tiago Tien Tim Timothy Tobias
    Tom Tomasz Tomoya Trung Tuan Tunde Tung Tyler Uri Uwe Valentina Van Varun Venkat Victor Victoria Viet Vijay
    Vikram Vinay Vincent Virginia Vishal Vivek Vladimir Walter Wayne William Willie Wolfgang Wouter Yann Yash Yoav
    Yoshua Youssef Yuki Yuri Yusuke Yuta Zachary Zahra
"""
GIVEN_NAMES = frozenset(_GIVEN_NAMES.split())

# Hanyu Pinyin (ISO 7098): a syllable is an initial and a final; given names have one or two, seldom three.
_PINYIN = (
    "(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
    "(?:iang|iong|uang|ang|eng|ong|ian|iao|ing|uai|uan|ai|ei|ao|ou|an|en|ia|ie|iu|in|ua|uo|ui|un|ue|ve|er|a|o|e|i|u|v)"
)
# Revised Romanization of Korean and the spellings that are usual in names.
_KOREAN = (
    "(?:Min|Jee|Yeun|Hyuk|Hyun|Hyeon|Hyung|Jun|Joon|Seung|Sung|Seong|Young|Yeong|Ji|Hye|Hee|Eun|Gi|Ki|Su|Soo|Woo|Won|Jin|Jae|Dong"
    "|Sang|Hwan|Hoon|Hun|Kyung|Kyu|Gyu|Yoon|Yun|Seo|Ye|Yeon|Ha|Na|Ra|Mi|Bin|Beom|Bum|Cheol|Chul|Chan|Geun|Keun|Tae|Byung"
    "|Kwang|Gwang|Myung|Nam|In|Il|Ho|Ju|Joo|Seok|Suk|Sun|Yong|Yu|Yoo|Wook|Uk|Jeong|Jung|Moon|Mun|Han|Ah|Ja|Cha|Gun|Kun)"
)
SYLLABIC = re.compile(rf"{_PINYIN}(?:['’-]?{_PINYIN}){{0,2}}|{_KOREAN}(?:-?{_KOREAN}){{0,2}}", re.IGNORECASE)
"""Matches a given name of Chinese or Korean syllables, written together, with a hyphen or with an inner capital."""
